package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.json.JsonMapper;

/** The rows of a benchmark: a table on the console, and {@code target/bench/<name>.json} with the machine and the seed. */
final class Results {

    private final String name;
    private final long seed;
    private final List<Map<String, Object>> rows = new ArrayList<>();

    Results(String name, long seed) {
        this.name = name;
        this.seed = seed;
    }

    /** A row, column by column. */
    record Row(Map<String, Object> columns) {

        Row with(String column, Object value) {
            columns.put(column, value);
            return this;
        }
    }

    Row row() {
        Map<String, Object> columns = new LinkedHashMap<>();
        rows.add(columns);
        return new Row(columns);
    }

    /** Prints the table and writes the file. */
    void write() throws IOException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("benchmark", name);
        all.put("at", Instant.now().toString());
        all.put("seed", seed);
        all.put("processors", Runtime.getRuntime().availableProcessors());
        all.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        all.put("java", Runtime.version().toString());
        all.put("rows", rows);
        Path file = Path.of("target", "bench", name + ".json");
        Files.createDirectories(file.getParent());
        new JsonMapper().writerWithDefaultPrettyPrinter().writeValue(file, all);
        System.out.println(table());
    }

    private String table() {
        StringBuilder table = new StringBuilder("\n").append(name).append("\n");
        List<String> columns = List.copyOf(rows.get(0).keySet());
        table.append("| ").append(String.join(" | ", columns)).append(" |\n");
        table.append("|").append("---|".repeat(columns.size())).append("\n");
        for (Map<String, Object> row : rows) {
            table.append("| ");
            table.append(String.join(
                    " | ",
                    columns.stream()
                            .map(column -> text(Objects.requireNonNull(row.get(column))))
                            .toList()));
            table.append(" |\n");
        }
        return table.toString();
    }

    private static String text(Object value) {
        return value instanceof Double number ? String.format(Locale.ROOT, "%,.3f", number) : String.valueOf(value);
    }
}

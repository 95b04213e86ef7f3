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
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.internals.AppInfoParser;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rows of a benchmark: a table on the console, and {@code target/bench/<name>.json}, both with the machine, the versions and the
 * seed.
 */
final class Results {

    private final String name;
    private final Map<String, Object> about = new LinkedHashMap<>();
    private final List<Map<String, Object>> rows = new ArrayList<>();

    Results(String name, long seed) {
        this.name = name;
        about.put("benchmark", name);
        about.put("at", Instant.now().toString());
        about.put("seed", seed);
        about.put("processors", Runtime.getRuntime().availableProcessors());
        about.put("cpu", cpu());
        about.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        about.put("java", Runtime.version().toString());
        about.put("kafka", AppInfoParser.getVersion());
        about.put("load average before", load());
    }

    /** A row, column by column. */
    record Row(Map<String, Object> columns) {

        Row with(String column, Object value) {
            columns.put(column, value);
            return this;
        }

        /** The median, and from the least to the most behind it. */
        Row with(String column, Spread spread) {
            columns.put(column, spread.median());
            columns.put(column + ", least", spread.least());
            columns.put(column + ", most", spread.most());
            return this;
        }
    }

    /** Something that all rows have in common. */
    Results with(String what, Object value) {
        about.put(what, value);
        return this;
    }

    Row row() {
        Map<String, Object> columns = new LinkedHashMap<>();
        rows.add(columns);
        return new Row(columns);
    }

    /** Prints the table and writes the file; may be called again when there are more rows. */
    void write() throws IOException {
        about.put("load average after", load());
        Map<String, Object> all = new LinkedHashMap<>(about);
        all.put("rows", rows);
        Path file = Path.of("target", "bench", name + ".json");
        Files.createDirectories(file.getParent());
        new JsonMapper().writerWithDefaultPrettyPrinter().writeValue(file, all);
        System.out.println(table());
    }

    private String table() {
        List<String> columns = List.copyOf(rows.get(0).keySet());
        StringBuilder table = new StringBuilder("\n").append(about).append("\n\n");
        table.append(line(columns))
                .append(line(columns.stream().map(column -> "---").toList()));
        for (Map<String, Object> row : rows) {
            table.append(line(columns.stream()
                    .map(column -> text(row.getOrDefault(column, "")))
                    .toList()));
        }
        return table.toString();
    }

    private static String line(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |\n"));
    }

    private static String text(Object value) {
        return value instanceof Double number
                ? String.format(Locale.ROOT, Math.abs(number) < 100 ? "%.3f" : "%,.0f", number)
                : String.valueOf(value);
    }

    private static double load() {
        return java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /** The name of the processor, where the system tells it. */
    private static String cpu() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 2))
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}

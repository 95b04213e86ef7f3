package faults;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.internals.AppInfoParser;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;
import routes.event.EventJson;

/** What each fault did to the service, as figures: {@code report.md} for people, {@code report.json} for programs. */
final class Report {

    private final Path directory;
    private final Map<String, String> about = new LinkedHashMap<>();
    private final List<Row> rows = new ArrayList<>();

    /** One fault. */
    record Row(
            String fault,
            String what,
            String target,
            Findings findings,
            long seed,
            Duration took,
            String form,
            String command) {

        String verdict() {
            return findings.violations().isEmpty() ? "holds" : "does not hold";
        }
    }

    Report(Path directory, Platform platform) {
        this.directory = directory;
        about.put("at", Instant.now().toString());
        about.put(
                "machine",
                "%s %s, %d processors, %d MB for this JVM"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"),
                                Runtime.getRuntime().availableProcessors(),
                                Runtime.getRuntime().maxMemory() >> 20));
        about.put("Java", System.getProperty("java.vm.version"));
        about.put("Kafka", AppInfoParser.getVersion());
        about.put(
                "PostgreSQL",
                JdbcClient.create(platform.database().dataSource())
                        .sql("SHOW server_version")
                        .query(String.class)
                        .single());
    }

    /** Adds a fault, and writes both files anew: a run that is cut short leaves what it has. */
    synchronized void add(Row row) {
        rows.add(row);
        try {
            Files.writeString(directory.resolve("report.md"), markdown());
            Files.writeString(directory.resolve("report.json"), json());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds what another process has reported as JSON. */
    void addAll(Path json) throws IOException {
        for (JsonNode fault : EventJson.mapper().readTree(json.toFile()).path("faults")) {
            add(new Row(
                    fault.path("fault").asText(),
                    fault.path("what").asText(),
                    fault.path("target").asText(),
                    new Findings(
                            EventJson.mapper().convertValue(fault.path("figures"), new TypeReference<>() {}),
                            EventJson.mapper().convertValue(fault.path("violations"), new TypeReference<>() {})),
                    fault.path("seed").asLong(),
                    Duration.ofSeconds(fault.path("seconds").asLong()),
                    fault.path("form").asText(),
                    fault.path("command").asText()));
        }
    }

    private String markdown() {
        StringBuilder text = new StringBuilder("# Faults\n\n");
        about.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append("\n| fault | what | target | verdict | figures | form | s |\n|---|---|---|---|---|---|---|\n");
        for (Row row : rows) {
            String figures = row.findings().figures().entrySet().stream()
                    .map(figure -> figure.getKey() + ": " + figure.getValue())
                    .collect(Collectors.joining("; "));
            text.append("| %s | %s | %s | %s | %s | %s | %d |\n"
                    .formatted(
                            row.fault(),
                            row.what(),
                            row.target(),
                            row.verdict(),
                            figures,
                            row.form(),
                            row.took().toSeconds()));
        }
        text.append("\nTo repeat one, with the same seed:\n\n");
        rows.forEach(row -> text.append("- %s: `%s`\n".formatted(row.fault(), row.command())));
        for (Row row : rows) {
            if (!row.findings().violations().isEmpty()) {
                text.append("\n## %s does not hold\n\n".formatted(row.fault()));
                row.findings().violations().forEach(violation -> text.append("- ")
                        .append(violation)
                        .append('\n'));
            }
        }
        return text.toString();
    }

    private String json() throws IOException {
        ObjectNode report = EventJson.mapper().createObjectNode();
        about.forEach(report::put);
        ArrayNode faults = report.putArray("faults");
        for (Row row : rows) {
            ObjectNode fault = faults.addObject();
            fault.put("fault", row.fault());
            fault.put("what", row.what());
            fault.put("target", row.target());
            fault.put("verdict", row.verdict());
            fault.put("form", row.form());
            fault.put("seconds", row.took().toSeconds());
            fault.put("seed", row.seed());
            fault.put("command", row.command());
            fault.set("figures", EventJson.mapper().valueToTree(row.findings().figures()));
            fault.set(
                    "violations", EventJson.mapper().valueToTree(row.findings().violations()));
        }
        return EventJson.mapper().writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report);
    }
}

package faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What a process of the service takes of memory, of the system and of the database, sample by sample: a line of {@code soak.csv} each.
 * {@link #growth()} says what has grown since it was warm.
 */
final class Samples {

    /**
     * What may not grow, from one time to another that is half the run later.
     *
     * @param what a column of the samples, or all that begin with it
     * @param share by how much it may grow, of what it was: 2 %, or more for what is not still by its nature
     * @param least by how much it may grow anyway, since less is noise
     */
    private record Bound(String what, double share, double least) {

        static Bound of(String what, double least) {
            return new Bound(what, 0.02, least);
        }

        boolean isExceeded(double before, double now) {
            return now - before > Math.max(before * share, least);
        }
    }

    /** In the order in which they are judged: the first that fits. */
    private static final List<Bound> BOUNDS = List.of(
            Bound.of("files", 1),
            Bound.of("threads", 1),
            // Of the pool: one that is never given back is in use for good, and what polls has one for a moment.
            Bound.of("connections in use", 2),
            Bound.of("connections", 0),
            Bound.of("temporary files", 0),
            Bound.of("meters", 0),
            Bound.of("metaspace", 0),
            Bound.of("direct buffers", 1_000),
            Bound.of("own objects", 0),
            // PostgreSQL's driver remembers up to 256 statements for each connection, of which some are rare.
            new Bound("heap", 0.05, 0),
            Bound.of("RSS", 0),
            // A row per group and minute, for two days.
            new Bound("table history", 1, 100),
            new Bound("indexes history", 1, 100),
            // What a table was at most between two vacuums creeps up for hours; a few pages of a small one are much
            // of it.
            new Bound("table ", 0.25, 64),
            new Bound("indexes ", 0.25, 64),
            new Bound("rows history", 1, 300),
            // Those of the campaigns that are there at the end of a round, and as estimated by PostgreSQL.
            new Bound("rows ", 0.1, 50));

    /** As many as webhooks began in the last half minute, up to a limit. */
    private static final Pattern WEBHOOK_THREADS = Pattern.compile("^\"webhook-\\d");

    /** Beside these, one for each open connection to the SMTP server, and the JVM's compilers, of which there are more when there is more to do. */
    private static final Pattern STEADY_THREADS =
            Pattern.compile("^\"(?!webhook-\\d|pool-\\d+-thread-1|C[12] Compiler)");

    /** Until then vacuum has not yet freed as much space as is needed, and what is forgotten after a while is still remembered. */
    private static final Duration SETTLED = Duration.ofMinutes(30);

    private final Service service;
    private final JdbcClient jdbc;
    private final String applicationName;
    private final Path temporary;
    private final Path csv = Stage.file("soak.csv");
    private final Instant begin = Instant.now();
    private final List<Map<String, Double>> all = new ArrayList<>();

    /**
     * Of a service.
     *
     * @param applicationName by which PostgreSQL tells its connections from others
     * @param temporary where it makes temporary files
     */
    Samples(Service service, Stage stage, String applicationName, Path temporary) {
        this.service = service;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
        this.applicationName = applicationName;
        this.temporary = temporary;
    }

    /**
     * Takes one, after a collection of garbage. Which objects, files and meters there are is left in {@code soak-*.txt}, of the last
     * sample before and the last sample after the middle: what has grown is the difference.
     */
    void take(boolean before) throws Exception {
        String when = before ? "before" : "after";
        Path classes = told("GC.class_histogram", "classes", when);
        Path threads = told("Thread.print", "threads", when);
        List<String> metrics =
                service.metrics().filter(line -> !line.startsWith("#")).toList();
        Files.write(Stage.file("soak-meters-%s.txt".formatted(when)), metrics);
        List<String> files = files();
        Files.write(Stage.file("soak-files-%s.txt".formatted(when)), files);

        Map<String, Double> sample = new LinkedHashMap<>();
        sample.put("minute", Duration.between(begin, Instant.now()).toSeconds() / 60.0);
        sample.put("RSS", status("VmRSS:"));
        sample.put("heap", bytes(classes) / 1_000);
        sample.put("metaspace", sum(metrics, "jvm_memory_used_bytes{", "id=\"Metaspace\"") / 1_000);
        sample.put("code", sum(metrics, "jvm_memory_used_bytes{", "Code") / 1_000);
        sample.put("direct buffers", sum(metrics, "jvm_buffer_memory_used_bytes{", "id=\"direct\"") / 1_000);
        sample.put("own objects", own(classes));
        sample.put("threads", count(threads, STEADY_THREADS));
        sample.put("webhook threads", count(threads, WEBHOOK_THREADS));
        sample.put("files", (double) files.size());
        sample.put(
                "connections",
                jdbc.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = ?")
                        .param(applicationName)
                        .query(Double.class)
                        .single());
        sample.put("connections in use", sum(metrics, "hikaricp_connections_active{", "pool=\"database\""));
        try (Stream<Path> temporaries = Files.walk(temporary)) {
            sample.put("temporary files", (double) temporaries.count());
        }
        sample.put("meters", (double) metrics.size());
        jdbc.sql("""
                        SELECT relname, pg_table_size(relid) / 1024 AS size, pg_indexes_size(relid) / 1024 AS indexes, n_live_tup,
                               n_dead_tup
                        FROM pg_stat_user_tables
                        WHERE schemaname = 'event_routes'
                        ORDER BY relname
                        """).query(row -> {
            String table = row.getString("relname");
            sample.put("table " + table, row.getDouble("size"));
            sample.put("indexes " + table, row.getDouble("indexes"));
            sample.put("rows " + table, row.getDouble("n_live_tup"));
            sample.put("dead " + table, row.getDouble("n_dead_tup"));
        });
        keep(sample);
    }

    /** What the JVM of the service says of itself. */
    private Path told(String command, String about, String when) throws Exception {
        Path file = Stage.file("soak-%s-%s.txt".formatted(about, when));
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        new ProcessBuilder(jcmd, String.valueOf(service.pid()), command)
                .redirectErrorStream(true)
                .redirectOutput(file.toFile())
                .start()
                .waitFor();
        return file;
    }

    private void keep(Map<String, Double> sample) throws IOException {
        if (all.isEmpty()) {
            Files.writeString(csv, String.join(",", sample.keySet()) + "\n");
        }
        all.add(sample);
        List<String> values = sample.values().stream().map("%.1f"::formatted).toList();
        Files.writeString(csv, String.join(",", values) + "\n", StandardOpenOption.APPEND);
    }

    /**
     * What was typical of the last sixth of the samples beside what was of as many after a third of the run, in kB or as a number, and a
     * violation for each that has grown by more than its bound.
     */
    Findings growth() {
        boolean settled = Duration.between(begin, Instant.now()).compareTo(SETTLED) > 0;
        int sixth = all.size() / 6;
        List<Map<String, Double>> warm = all.subList(2 * sixth, 3 * sixth);
        List<Map<String, Double>> last = all.subList(all.size() - sixth, all.size());
        Findings findings = Findings.none().figure("samples", all.size());
        for (String name : all.get(0).keySet()) {
            if ((isOfTable(name) || name.equals("own objects")) && !settled) {
                continue;
            }
            double before = typical(warm, name);
            double now = typical(last, name);
            BOUNDS.stream()
                    .filter(bound -> name.startsWith(bound.what()))
                    .findFirst()
                    .ifPresent(bound -> findings.require(
                            !bound.isExceeded(before, now),
                            "%s grew from %.0f to %.0f, by more than %.0f %% and more than %.0f: compare target/faults/**/soak-*.txt"
                                    .formatted(name, before, now, bound.share() * 100, bound.least())));
            if (!name.contains(" ")
                    || BOUNDS.stream().anyMatch(bound -> bound.what().equals(name))) {
                findings.figure(name, "%.0f -> %.0f".formatted(before, now));
            }
        }
        return findings.figure("tables, kB", "%.0f -> %.0f".formatted(sum(warm, "table "), sum(last, "table ")))
                .figure("indexes, kB", "%.0f -> %.0f".formatted(sum(warm, "indexes "), sum(last, "indexes ")));
    }

    private static boolean isOfTable(String name) {
        return name.matches("(table|indexes|rows|dead) .*");
    }

    private static double sum(List<Map<String, Double>> some, String prefix) {
        return some.get(0).keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .mapToDouble(name -> typical(some, name))
                .sum();
    }

    /** The median; of a table the largest but one: it fills and is vacuumed in turns, and a look may come just before a late vacuum. */
    private static double typical(List<Map<String, Double>> some, String name) {
        double[] sorted = some.stream()
                .mapToDouble(sample -> sample.getOrDefault(name, 0.0))
                .sorted()
                .toArray();
        return sorted[isOfTable(name) ? Math.max(0, sorted.length - 2) : sorted.length / 2];
    }

    private static double sum(List<String> metrics, String name, String label) {
        return metrics.stream()
                .filter(line -> line.startsWith(name) && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static double count(Path file, Pattern lines) throws IOException {
        try (Stream<String> all = Files.lines(file)) {
            return all.filter(line -> lines.matcher(line).find()).count();
        }
    }

    /** How many objects of this service's own classes there are, which no library's can hide. */
    private static double own(Path classes) throws IOException {
        return sum(classes, line -> line.length > 3 && line[3].startsWith("routes."), 1);
    }

    /** Of all objects that are alive; without arrays of int, with which the collector fills gaps of megabytes. */
    private static double bytes(Path classes) throws IOException {
        return sum(classes, line -> line.length > 3 && line[0].matches("\\d+:") && !line[3].equals("[I"), 2);
    }

    private static double sum(Path classes, Predicate<String[]> lines, int column) throws IOException {
        try (Stream<String> all = Files.lines(classes)) {
            return all.map(line -> line.strip().split("\\s+"))
                    .filter(lines)
                    .mapToDouble(line -> Double.parseDouble(line[column]))
                    .sum();
        }
    }

    private double status(String name) throws IOException {
        return Files.readAllLines(proc("status")).stream()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
                .sum();
    }

    /** What its handles are of. */
    private List<String> files() throws IOException {
        try (Stream<Path> handles = Files.list(proc("fd"))) {
            return handles.map(Samples::target).sorted().toList();
        }
    }

    private static String target(Path handle) {
        try {
            return Files.readSymbolicLink(handle).toString();
        } catch (IOException closed) {
            return "closed";
        }
    }

    private Path proc(String file) {
        return Path.of("/proc", String.valueOf(service.pid()), file);
    }
}

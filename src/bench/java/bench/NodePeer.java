package bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What others would send mail with: a program of {@code src/bench/node}, which nodemailer sends for. */
final class NodePeer implements AutoCloseable {

    private static final Path PROGRAM = Path.of("src", "bench", "node");

    /** Those with a queue in the database. */
    private static final List<String> QUEUES = List.of("graphile-worker", "graphile-worker-batched", "pg-boss");

    /** The one that reads the topic {@code bench-kafkajs}, and keeps no ledger. */
    static final String KAFKAJS = "kafkajs";

    private final String name;
    private final Process process;
    private final Writer input;

    private NodePeer(String name, Process process) {
        this.name = name;
        this.process = process;
        this.input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    }

    /**
     * Starts all of them; none, and says why, without Node and what the program needs.
     *
     * @param variables where the servers are
     */
    static List<NodePeer> startAll(Map<String, String> variables) throws IOException {
        if (!Files.isDirectory(PROGRAM.resolve("node_modules")) || !isNodeThere()) {
            System.out.println(
                    "graphile-worker, pg-boss and kafkajs are left out: they need Node 22.18 or later on the path, and"
                            + " npm ci --prefix src/bench/node");
            return List.of();
        }
        return Stream.concat(QUEUES.stream(), Stream.of(KAFKAJS))
                .map(name -> start(name, variables))
                .toList();
    }

    private static boolean isNodeThere() {
        try {
            Process version = new ProcessBuilder("node", "--version")
                    .redirectError(Redirect.DISCARD)
                    .start();
            String[] parts;
            try (BufferedReader output = version.inputReader()) {
                parts = output.readLine().substring(1).split("\\.");
            }
            int major = Integer.parseInt(parts[0]);
            return major > 22 || major == 22 && Integer.parseInt(parts[1]) >= 18;
        } catch (IOException none) {
            return false;
        }
    }

    private static NodePeer start(String name, Map<String, String> variables) {
        ProcessBuilder program = new ProcessBuilder("node", "peers.mjs", name)
                .directory(PROGRAM.toFile())
                .redirectError(Redirect.INHERIT);
        program.environment().putAll(variables);
        try {
            NodePeer peer = new NodePeer(name, program.start());
            String said = peer.process.inputReader().readLine();
            if (!"ready".equals(said)) {
                throw new IllegalStateException("%s said %s".formatted(name, said));
            }
            return peer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return name;
    }

    /** Has it enqueue mails to new people, while it sends them. */
    void enqueue(int mails) throws IOException {
        input.write(mails + "\n");
        input.flush();
    }

    @Override
    public void close() {
        process.destroy();
    }
}

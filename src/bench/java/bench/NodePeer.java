package bench;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What others would send mail with: a program in {@code src/bench/node} that sends with nodemailer. */
final class NodePeer implements AutoCloseable {

    private static final Path PROGRAM = Path.of("src", "bench", "node");

    /** The one that reads the topic {@code bench-kafkajs}, and keeps no ledger. */
    static final String KAFKAJS = "kafkajs";

    private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)");

    private static final List<String> NAMES = List.of("graphile-worker", "graphile-worker-batched", "pg-boss", KAFKAJS);

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
        List<NodePeer> peers = new ArrayList<>();
        try {
            for (String name : NAMES) {
                peers.add(start(name, variables));
            }
            return peers;
        } catch (IOException | RuntimeException e) {
            peers.forEach(NodePeer::close);
            throw e;
        }
    }

    private static boolean isNodeThere() {
        try {
            Process version = new ProcessBuilder("node", "--version")
                    .redirectError(Redirect.DISCARD)
                    .start();
            String said = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Matcher number = VERSION.matcher(said);
            if (!number.lookingAt()) {
                return false;
            }
            int major = Integer.parseInt(number.group(1));
            return major > 22 || major == 22 && Integer.parseInt(number.group(2)) >= 18;
        } catch (IOException none) {
            return false;
        }
    }

    private static NodePeer start(String name, Map<String, String> variables) throws IOException {
        ProcessBuilder program = new ProcessBuilder("node", "peers.mjs", name)
                .directory(PROGRAM.toFile())
                .redirectError(Redirect.INHERIT);
        program.environment().putAll(variables);
        NodePeer peer = new NodePeer(name, program.start());
        String said = peer.process.inputReader().readLine();
        if (!"ready".equals(said)) {
            peer.close();
            throw new IllegalStateException("%s said %s".formatted(name, said));
        }
        return peer;
    }

    String name() {
        return name;
    }

    /** Tells it to enqueue mails to new people, while it sends them. */
    void enqueue(int mails) throws IOException {
        input.write(mails + "\n");
        input.flush();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}

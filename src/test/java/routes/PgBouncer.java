package routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import routes.dev.DatabaseServer;
import routes.dev.Ports;

/** PgBouncer, in front of a database of this machine. */
public final class PgBouncer implements AutoCloseable {

    private final Process process;
    private final int port;

    private PgBouncer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Whether there is one to start. */
    public static boolean isOnThePath() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "pgbouncer")));
    }

    /** Whether it can keep prepared statements for each connection, as it can since 1.21. */
    static boolean canKeepPreparedStatements() throws IOException {
        String version = new String(
                new ProcessBuilder("pgbouncer", "--version")
                        .start()
                        .getInputStream()
                        .readAllBytes(),
                UTF_8);
        Matcher numbers = Pattern.compile("PgBouncer (\\d+)\\.(\\d+)").matcher(version);
        return numbers.find() && Integer.parseInt(numbers.group(1)) * 100 + Integer.parseInt(numbers.group(2)) >= 121;
    }

    /**
     * Starts one on a free port.
     *
     * @param directory of its settings and its log
     * @param url of the database
     * @param mode its {@code pool_mode}, session or transaction
     * @param kept how many prepared statements it keeps for each connection
     */
    public static PgBouncer start(Path directory, String url, String mode, int kept) throws IOException {
        int port = new Ports().any();
        Path settings = directory.resolve("pgbouncer.ini");
        Files.writeString(settings, """
                [databases]
                %s = host=127.0.0.1 port=%d user=%s password=%s
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = %s
                ignore_startup_parameters = extra_float_digits
                %s
                """.formatted(
                        DatabaseServer.NAME,
                        URI.create(url.substring("jdbc:".length())).getPort(),
                        DatabaseServer.NAME,
                        DatabaseServer.NAME,
                        port,
                        mode,
                        canKeepPreparedStatements() ? "max_prepared_statements = " + kept : ""));
        // It refuses to run as root, and reads its settings as the user that it becomes.
        boolean root = "root".equals(System.getProperty("user.name"));
        directory.toFile().setExecutable(true, false);
        directory.toFile().setReadable(true, false);
        List<String> command = new ArrayList<>(List.of("pgbouncer"));
        command.addAll(root ? List.of("-u", "nobody") : List.of());
        command.add(settings.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("pgbouncer.log").toFile())
                .start();
        PgBouncer started = new PgBouncer(process, port);
        await("pgbouncer").until(started::answers);
        return started;
    }

    /** Its own address, as {@code DB_URL} takes it. */
    public String url() {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, DatabaseServer.NAME);
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}

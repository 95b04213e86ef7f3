package bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** An SMTP server that accepts every mail after a pause, and remembers when each recipient's first came. */
final class SmtpSink implements AutoCloseable {

    private final ServerSocket server;
    private final Map<String, Long> accepted = new ConcurrentHashMap<>();
    private final LongAdder mails = new LongAdder();
    private final Predicate<String> remembered;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Duration pause = Duration.ZERO;

    SmtpSink() {
        this(recipient -> true);
    }

    /** Remembers some recipients only: a million take more memory than the service. */
    SmtpSink(Predicate<String> remembered) {
        this.remembered = remembered;
        try {
            this.server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** How long every mail waits for its acceptance from now on. */
    void acceptAfter(Duration time) {
        this.pause = time;
    }

    /** When each recipient's first mail was accepted, in nanoseconds of {@link System#nanoTime()}. */
    Map<String, Long> accepted() {
        return accepted;
    }

    /** How many mails were accepted, also those whose recipients are not remembered. */
    long mails() {
        return mails.sum();
    }

    int connections() {
        return connections.get();
    }

    void clear() {
        accepted.clear();
        connections.set(0);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                connections.incrementAndGet();
                daemon(() -> converse(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void converse(Socket client) {
        try (client;
                BufferedReader in = new BufferedReader(
                        new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1))) {
            client.setTcpNoDelay(true);
            OutputStream out = client.getOutputStream();
            answer(out, "220 sink");
            String recipient = "";
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("RCPT TO:")) {
                    recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
                }
                if (line.equals("DATA")) {
                    answer(out, "354 go on");
                    for (String text = in.readLine(); text != null && !text.equals("."); text = in.readLine()) {
                        // nobody reads it
                    }
                    if (!pause.isZero()) {
                        LockSupport.parkNanos(pause.toNanos());
                    }
                    mails.increment();
                    if (remembered.test(recipient)) {
                        accepted.putIfAbsent(recipient, System.nanoTime());
                    }
                }
                answer(out, line.equals("QUIT") ? "221 bye" : "250 ok");
                if (line.equals("QUIT")) {
                    return;
                }
            }
        } catch (IOException gone) {
            // The client has hung up.
        }
    }

    private static void answer(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "smtp-sink");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}

package routes.mail.smtp;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.background.Threads;
import routes.delivery.Dependency;
import routes.mail.MailSettings;

/**
 * The wait for a server to accept a mail that it has whole. To give up too soon is to send the mail again although the server has it
 * (RFC 5321, section 4.5.3.2.6), so one mail may wait for long. Others learn every {@code mail.timeout} that the server has not answered,
 * and once it answers nobody, there is no point in waiting.
 */
final class Acceptance implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Acceptance.class);

    /** In the time after which a mail that still waits is told of. */
    private static final int LOOKS = 4;

    private final MailSettings settings;
    private final Dependency server;
    private final Runnable unanswered;
    private final ScheduledExecutorService watch;

    /** When ({@link System#nanoTime()}) the wait of each began, or was last told of. */
    private final Map<Socket, Long> awaited = new ConcurrentHashMap<>();

    private volatile boolean answers = true;

    /**
     * Nothing waits yet.
     *
     * @param name of the server
     * @param unanswered called each time that a mail has waited for {@code mail.timeout}, before the server is told of it
     */
    Acceptance(String name, MailSettings settings, Dependency server, Runnable unanswered) {
        this.settings = settings;
        this.server = server;
        this.unanswered = unanswered;
        this.watch = Threads.rounds(name + "-acceptance", 1);
        long pause = Math.max(1, settings.timeout().toMillis() / LOOKS);
        var unused = watch.scheduleWithFixedDelay(this::look, pause, pause, TimeUnit.MILLISECONDS);
    }

    /** Whether the server answered when it was last probed. */
    void probed(boolean answered) {
        answers = answered;
    }

    /** The longest that the server may take. */
    Duration longest() {
        return settings.acceptTimeout();
    }

    /** Whether a mail waits. */
    boolean isAwaited() {
        return !awaited.isEmpty();
    }

    /** The wait of one mail, which ends with its close. */
    interface Wait extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * A mail waits from now on.
     *
     * @param socket is closed when there is no point in waiting any longer
     */
    Wait begin(Socket socket) {
        awaited.put(socket, System.nanoTime());
        return () -> awaited.remove(socket);
    }

    private void look() {
        long now = System.nanoTime();
        awaited.forEach((socket, toldAt) -> {
            if (now - toldAt >= settings.timeout().toNanos() && awaited.replace(socket, toldAt, now)) {
                stillWaits(socket);
            }
        });
    }

    private void stillWaits(Socket socket) {
        unanswered.run();
        server.failed("it has not accepted a whole mail within %d s"
                .formatted(settings.timeout().toSeconds()));
        if (!answers && server.isAwayFor(settings.timeout())) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.debug("The connection of a mail that waits was closed already: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}

package routes.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MailServerTest {

    @Test
    void aClientThatIsKilledInAConversationFailsNobodyElse(@TempDir Path directory) throws Exception {
        Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
        MailServer server = MailServer.start(new Ports().any(), new Ports().any(), new Inbox(directory));
        try {
            hangUp(server.port());

            await().dontCatchUncaughtExceptions()
                    .during(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThat(uncaught).isEmpty());
        } finally {
            server.close();
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Test
    void startsWhereAnotherServerIsAboutToEnd(@TempDir Path directory) throws Exception {
        int port = new Ports().any();
        ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        CompletableFuture<Void> ending = CompletableFuture.runAsync(
                () -> {
                    try {
                        other.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                CompletableFuture.delayedExecutor(500, TimeUnit.MILLISECONDS));

        MailServer server = MailServer.start(port, new Ports().any(), new Inbox(directory));

        assertThat(ending).isDone();
        server.close();
    }

    /** A process that is killed leaves its kernel to reset the connection. */
    private static void hangUp(int port) throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
            var greeting =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
            assertThat(greeting.readLine()).startsWith("220");
            client.setSoLinger(true, 0);
        }
    }
}

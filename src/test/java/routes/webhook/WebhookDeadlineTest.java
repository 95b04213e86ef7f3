package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.MessageConstraintException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receivers on loopback that say too little, or too much: each is done with in time, and the reason says what took it. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class WebhookDeadlineTest {

    private static final WebhookSettings SETTINGS = settings("1s");

    /** For what is found out before the time is up, however busy the machine is. */
    private static final WebhookSettings PATIENT = settings("15s");

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private ServerSocket receiver;

    /** What a receiver sends. */
    private interface Talk {
        void to(OutputStream caller) throws IOException, InterruptedException;
    }

    @BeforeEach
    void open() throws IOException {
        receiver = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        receiver.close();
        threads.shutdownNow();
    }

    @Test
    void aConnectionThatIsNotAccepted() throws Exception {
        try (Socket first = new Socket();
                Socket second = new Socket()) { // the queue of those that wait to be accepted is full
            first.connect(receiver.getLocalSocketAddress());
            second.connect(receiver.getLocalSocketAddress());

            assertTimeout(call("http"), "no connection to the receiver after 1 s");
        }
    }

    @Test
    void aHandshakeThatIsNotAnswered() {
        talk(caller -> Thread.sleep(60_000));

        assertTimeout(call("https"), "no connection to the receiver after 1 s: its TLS handshake had not finished");
    }

    @Test
    void anAnswerThatDoesNotCome() {
        talk(caller -> Thread.sleep(60_000));

        assertTimeout(call("http"), "the receiver timed out after 1 s: it had not answered");
    }

    @ParameterizedTest
    @ValueSource(strings = {"100 Continue", "102 Processing", "103 Early Hints", "199 Any"})
    void answersThatOnlyAnnounceOne(String status) {
        talk(caller -> {
            while (true) {
                caller.write(bytes("HTTP/1.1 " + status + "\r\nLink: </a>\r\n\r\n"));
                Thread.sleep(10);
            }
        });

        assertTimeout(call("http"), "the receiver timed out after 1 s: it had not answered");
    }

    @Test
    void anAnswerThatDoesNotEnd() {
        talk(caller -> {
            caller.write(bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"));
            while (true) {
                caller.write('x');
                Thread.sleep(100);
            }
        });

        assertTimeout(call("http"), "the receiver timed out after 1 s: its answer was not complete");
    }

    @Test
    void aLineWithoutEndIsNotKept() {
        talk(caller -> {
            caller.write(bytes("HTTP/1.1 200 OK\r\nX: "));
            while (true) {
                caller.write(new byte[8192]);
            }
        });

        assertThat(call("http", PATIENT)).isInstanceOf(MessageConstraintException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"})
    void headersWithoutEndAreNotKept(String before) {
        talk(caller -> {
            caller.write(bytes(before));
            while (true) {
                caller.write(bytes("X: x\r\n"));
            }
        });

        assertThat(call("http", PATIENT)).isInstanceOf(MessageConstraintException.class);
    }

    private static void assertTimeout(@Nullable Throwable failure, String what) {
        assertThat(failure).isInstanceOf(WebhookTimeoutException.class).hasMessage(what);
    }

    private static WebhookSettings settings(String timeout) {
        return WebhookFixtures.settings(Map.of(
                "timeout", timeout, "allow-http", "true", "allowed-networks", "127.0.0.0/8", "ports", "1-65535"));
    }

    private @Nullable Throwable call(String scheme) {
        return call(scheme, SETTINGS);
    }

    /** What comes of a request; it has to come long before the receiver would end it. */
    private @Nullable Throwable call(String scheme, WebhookSettings settings) {
        WebhookDeadline deadline = new WebhookDeadline(settings);
        long start = System.nanoTime();
        try (CloseableHttpClient client = WebhookClient.webhookHttpClient(
                WebhookClient.connections(
                        PoolingHttpClientConnectionManagerBuilder.create(), new AddressGuard(settings), settings),
                deadline)) {
            return catchThrowable(() -> client.execute(
                    new HttpPost("%s://127.0.0.1:%d/".formatted(scheme, receiver.getLocalPort())),
                    answer -> answer.getCode()));
        } catch (IOException e) {
            return e;
        } finally {
            deadline.destroy();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        }
    }

    private void talk(Talk talk) {
        threads.execute(() -> {
            try (Socket caller = receiver.accept()) {
                talk.to(caller.getOutputStream());
            } catch (IOException e) {
                // The caller has hung up, as it should.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

package faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProxyTest {

    private static final int PATIENCE_MILLIS = 10_000;

    /** How long a test waits for what must not come. */
    private static final int SILENCE_MILLIS = 300;

    private ServerSocket echo;
    private Proxy proxy;

    @BeforeEach
    void start() throws IOException {
        echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread server = new Thread(this::serve, "echo");
        server.setDaemon(true);
        server.start();
        proxy = Proxy.to(echo.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        echo.close();
    }

    @Test
    void passesBytesBothWays() throws IOException {
        try (Socket client = connect()) {
            assertThat(echoed(client, 100_000)).isEqualTo(100_000);
        }
    }

    @Test
    void passesOnThatAnEndHasSaidAll() throws IOException {
        try (Socket client = connect()) {
            client.shutdownOutput();

            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void slowsAConnectionThatIsOpen() throws IOException {
        try (Socket client = connect()) {
            echoed(client, 1);
            proxy.slow(1000);

            long start = System.nanoTime();
            client.setSoTimeout(10_000);
            echoed(client, 500);

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(400));
        }
    }

    @Test
    void resetsWhatIsOpenAndWhatIsOpenedLater() throws IOException {
        try (Socket client = connect()) {
            echoed(client, 1);

            proxy.reset();

            assertThatThrownBy(() -> echoed(client, 1)).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> {
                        try (Socket later = connect()) {
                            echoed(later, 1);
                        }
                    })
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void halfOpenAnswersNothingAndClosesNothing() throws IOException {
        try (Socket client = connect()) {
            echoed(client, 1);

            proxy.halfOpen();

            assertSilent(client);
            try (Socket later = connect()) {
                assertSilent(later);
            }
        }
    }

    @Test
    void whatWasHalfOpenStaysSoWhileNewConnectionsWork() throws IOException {
        try (Socket client = connect()) {
            echoed(client, 1);
            proxy.halfOpen();

            proxy.pass();

            assertSilent(client);
            try (Socket later = connect()) {
                assertThat(echoed(later, 10)).isEqualTo(10);
            }
        }
    }

    @Test
    void aServerThatIsAwayIsARefusalToTheClient() throws IOException {
        echo.close();

        assertThatThrownBy(() -> {
                    try (Socket client = connect()) {
                        echoed(client, 1);
                    }
                })
                .isInstanceOf(SocketException.class);
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    private static void assertSilent(Socket client) throws IOException {
        client.setSoTimeout(SILENCE_MILLIS);
        assertThatThrownBy(() -> echoed(client, 1)).isInstanceOf(SocketTimeoutException.class);
    }

    /** Sends so many bytes, and returns how many came back. */
    private static int echoed(Socket client, int bytes) throws IOException {
        Thread writer = new Thread(() -> {
            try {
                client.getOutputStream().write(new byte[bytes]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        writer.setUncaughtExceptionHandler((thread, e) -> {}); // the reader fails as well, and says so
        writer.start();
        int length = client.getInputStream().readNBytes(bytes).length;
        if (length < bytes) {
            throw new SocketException("closed after %d of %d bytes".formatted(length, bytes));
        }
        return length;
    }

    private void serve() {
        while (!echo.isClosed()) {
            try {
                Socket client = echo.accept();
                Thread thread = new Thread(() -> {
                    try (client) {
                        client.getInputStream().transferTo(client.getOutputStream());
                    } catch (IOException reset) {
                        // The client is gone.
                    }
                });
                thread.setDaemon(true);
                thread.start();
            } catch (IOException closing) {
                return;
            }
        }
    }
}

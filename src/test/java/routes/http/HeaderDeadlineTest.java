package routes.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;

/** On a real port of this machine. */
class HeaderDeadlineTest {

    private static final int MILLIS = 1_000;

    private WebServer server;

    @BeforeEach
    void start() throws Exception {
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
        factory.setAddress(InetAddress.getLoopbackAddress());
        factory.addConnectorCustomizers(
                connector -> connector.setProperty("connectionTimeout", String.valueOf(MILLIS)));
        new PortGuards().customize(factory);
        server = factory.getWebServer();
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void whoSendsAByteNowAndThenIsCutOffAllTheSame() throws Exception {
        try (Socket slow = connect()) {
            slow.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\nX: ".getBytes(US_ASCII));

            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(MILLIS / 4))
                    .until(() -> {
                        try {
                            slow.getOutputStream().write('x'); // well within the time limit of a read
                            return false;
                        } catch (IOException cutOff) {
                            return true;
                        }
                    });
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }
}

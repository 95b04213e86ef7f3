package routes.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;

/** On a real port of this machine. */
@Execution(ExecutionMode.CONCURRENT)
class HeaderDeadlineTest {

    private static final int MILLIS = 4_500;

    /** Within the time limit, by a second and a half for a busy machine, and beyond it when there are two. */
    private static final Duration PAUSE = Duration.ofMillis(MILLIS * 2 / 3);

    /** One for all: two that start at the same moment may both create Tomcat's home, and one of them then refuses to start. */
    private static WebServer server;

    @BeforeAll
    static void start() throws Exception {
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
        factory.setAddress(InetAddress.getLoopbackAddress());
        factory.addConnectorCustomizers(
                connector -> connector.setProperty("connectionTimeout", String.valueOf(MILLIS)));
        new PortGuards().customize(factory);
        server = factory.getWebServer(
                context -> context.addServlet("paths", new Paths()).addMapping("/*"));
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop();
    }

    @Test
    void whoSendsAByteNowAndThenIsCutOffAllTheSame() throws Exception {
        try (Socket slow = connect()) {
            slow.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\nX: ".getBytes(US_ASCII));

            await().pollInterval(Duration.ofMillis(MILLIS / 4)).until(() -> {
                try {
                    slow.getOutputStream().write('x'); // well within the time limit of a read
                    return false;
                } catch (IOException cutOff) {
                    return true;
                }
            });
        }
    }

    @Test
    void aConnectionIsKeptForAsLongAsItIsUsedNowAndThen() throws Exception {
        try (Socket kept = connect()) {
            send(kept, request("/first"));
            assertThat(answer(kept)).isEqualTo("/first");

            pause();
            send(kept, "GET /late HTTP/1.1\r\nHost: ");
            pause();
            send(kept, "localhost\r\n\r\n");
            assertThat(answer(kept)).isEqualTo("/late");

            pause();
            send(kept, request("/last"));
            assertThat(answer(kept)).isEqualTo("/last");
        }
    }

    @Test
    void ofRequestsOneBehindTheOtherEachHasATimeOfItsOwn() throws Exception {
        try (Socket kept = connect()) {
            send(kept, request("/1") + request("/2") + "GET /3 HTTP/1.1\r\n");
            assertThat(List.of(answer(kept), answer(kept))).containsExactly("/1", "/2");

            pause();
            send(kept, "Host: localhost\r\n\r\n" + request("/4") + "GET /5 HTTP/1.1\r\n");
            assertThat(List.of(answer(kept), answer(kept))).containsExactly("/3", "/4");

            pause();
            send(kept, "Host: localhost\r\n\r\n");
            assertThat(answer(kept)).isEqualTo("/5");
        }
    }

    private static String request(String path) {
        return "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(path);
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
    }

    /** The next one's body, byte for byte: what follows is of another answer. */
    private static String answer(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "cut off after " + head;
            }
            head.append((char) next);
        }
        Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
        return length.find()
                ? new String(in.readNBytes(Integer.parseInt(length.group(1))), US_ASCII)
                : "of no length: " + head;
    }

    private static void pause() {
        await().pollDelay(PAUSE).until(() -> true);
    }

    /** Answers with the path that was asked for. */
    private static final class Paths extends HttpServlet {
        @Serial
        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            byte[] path = request.getRequestURI().getBytes(US_ASCII);
            response.setContentLength(path.length);
            response.getOutputStream().write(path);
        }
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
        socket.setSoTimeout(60_000);
        return socket;
    }
}

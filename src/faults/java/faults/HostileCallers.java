package faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Callers who mean to end the service, of either of its ports: what they send fills a heap of 256 MB several times over unless it is
 * bounded. Those who hold their connections do so until this is closed. What hostile writers put on the topic is a list of its own.
 */
public final class HostileCallers implements AutoCloseable {

    private static final int MIB = 1024 * 1024;
    private static final int CONNECT_MILLIS = 200;
    private static final int ANSWER_MILLIS = 3_000;

    private final List<Socket> held = new ArrayList<>();
    private final Map<String, Integer> answers = new TreeMap<>();
    private final List<Integer> ports;
    private final int port;
    private final String key;

    /**
     * Callers of one instance.
     *
     * @param port of the API
     * @param key of the API, for those who have one
     */
    public HostileCallers(int port, int managementPort, String key) {
        this.ports = List.of(port, managementPort);
        this.port = port;
        this.key = key;
    }

    /** How often each status was answered; {@code none} are connections that were closed without. */
    public Map<String, Integer> answers() {
        return answers;
    }

    /** Forms and parts of forms of 68 MiB, which are read whole by what parses them. */
    public void sendEndlessForms() throws IOException {
        for (int to : ports) {
            for (String method : List.of("PUT", "PATCH", "DELETE", "POST")) {
                for (String type : List.of("application/x-www-form-urlencoded", "multipart/form-data; boundary=x")) {
                    try (Socket socket = connect(to)) {
                        OutputStream out = socket.getOutputStream();
                        write(
                                out,
                                "%s /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
                                        .formatted(method, type));
                        String part = "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a\"\r\n\r\n";
                        write(out, "%x\r\n%s\r\n".formatted(part.length(), part));
                        byte[] chunk =
                                "%x\r\n%s\r\n".formatted(MIB, "a".repeat(MIB)).getBytes(ISO_8859_1);
                        for (int i = 0; i < 68; i++) {
                            out.write(chunk);
                        }
                        count(socket);
                    } catch (IOException closed) {
                        count("none");
                    }
                }
            }
        }
    }

    /** Headers of a megabyte. */
    public void sendBigHeaders(int times) throws IOException {
        for (int to : ports) {
            for (int i = 0; i < times; i++) {
                try (Socket socket = connect(to)) {
                    write(
                            socket.getOutputStream(),
                            "GET / HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n".formatted("x".repeat(MIB)));
                    count(socket);
                } catch (IOException closed) {
                    count("none");
                }
            }
        }
    }

    /** Keys that are wrong, one after the other. */
    public void guessKeys(int times) throws IOException {
        for (int i = 0; i < times; i++) {
            try (Socket socket = connect(port)) {
                write(
                        socket.getOutputStream(),
                        "POST /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer guess-%d\r\nContent-Length: 0\r\n\r\n"
                                .formatted(i));
                count(socket);
            }
        }
    }

    /** Bodies of 4 MiB, with the key, of which the last byte never comes. */
    public void holdSlowBodies(int times) {
        byte[] almostAll = new byte[4 * MIB - 1];
        for (int i = 0; i < times; i++) {
            try {
                Socket socket = hold(port);
                OutputStream out = socket.getOutputStream();
                write(
                        out,
                        "POST /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
                                .formatted(key, 4 * MIB));
                out.write(almostAll);
            } catch (IOException refused) {
                count("closed slow bodies");
            }
        }
    }

    /** Requests of which the headers never end: as many as the ports take, and no more than so many of each. */
    public void holdHalfRequests(int times) {
        for (int to : ports) {
            try {
                for (int i = 0; i < times; i++) {
                    write(hold(to).getOutputStream(), "GET / HTTP/1.1\r\nHost: localhost\r\nX: x\r\n");
                    count("half requests");
                }
            } catch (IOException full) {
                count("ports that took no more");
            }
        }
    }

    private Socket hold(int to) throws IOException {
        Socket socket = connect(to);
        held.add(socket);
        return socket;
    }

    private static Socket connect(int to) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), to), CONNECT_MILLIS);
        socket.setSoTimeout(ANSWER_MILLIS);
        return socket;
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(ISO_8859_1));
    }

    private void count(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        String line = new String(in.readNBytes("HTTP/1.1 200".length()), ISO_8859_1);
        count(line.length() < 12 ? "none" : line.substring(9).toLowerCase(Locale.ROOT));
    }

    private void count(String what) {
        answers.merge(what, 1, Integer::sum);
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : held) {
            socket.close();
        }
    }
}

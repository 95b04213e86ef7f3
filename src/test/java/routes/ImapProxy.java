package routes;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Stands between a client and an IMAP server on the loopback interface, and changes what the server says. */
final class ImapProxy implements AutoCloseable {

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int server;
    private final Function<String, @Nullable String> answers;

    /**
     * Starts it on a free port.
     *
     * @param server the server's port
     * @param answers what the client gets for a line of the server; null: the connection breaks
     */
    ImapProxy(int server, Function<String, @Nullable String> answers) throws IOException {
        this.server = server;
        this.answers = answers;
        start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server);
                start(() -> ask(client, upstream));
                start(() -> answer(upstream, client));
            } catch (IOException closing) {
                // The loop ends where the server socket is closed.
            }
        }
    }

    private static void ask(Socket client, Socket upstream) {
        try (client;
                upstream) {
            client.getInputStream().transferTo(upstream.getOutputStream());
        } catch (IOException gone) {
            // One of the two has closed its end.
        }
    }

    private void answer(Socket upstream, Socket client) {
        try (upstream;
                client) {
            InputStream in = new BufferedInputStream(upstream.getInputStream());
            StringBuilder line = new StringBuilder();
            for (int next = in.read(); next >= 0; next = in.read()) {
                line.append((char) next);
                if (next == '\n') {
                    String answer = answers.apply(line.toString());
                    if (answer == null) {
                        return;
                    }
                    client.getOutputStream().write(answer.getBytes(ISO_8859_1));
                    line.setLength(0);
                }
            }
        } catch (IOException gone) {
            // One of the two has closed its end.
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "imap-proxy");
        thread.setDaemon(true);
        thread.start();
    }
}

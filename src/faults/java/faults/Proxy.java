package faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A network that can be made bad: it stands on the loopback interface between a client and a server, and forwards bytes as well as it is
 * told to. It can be switched at any time.
 */
public final class Proxy implements AutoCloseable {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int BUFFER = 16 * 1024;

    /** How often a slow connection forwards its share: small steps, so that a switch is soon felt. */
    private static final int STEPS_A_SECOND = 20;

    private final ServerSocket server;
    private volatile int target;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile State state = new State(Mode.PASS, 0);

    private enum Mode {
        PASS,
        SLOW,
        RESET,
        HALF_OPEN
    }

    private record State(Mode mode, int bytesASecond) {}

    private Proxy(ServerSocket server, int target) {
        this.server = server;
        this.target = target;
    }

    /**
     * Starts a proxy on a free port, which passes everything through.
     *
     * @param target the server's port on the loopback interface
     */
    public static Proxy to(int target) {
        return on(0, target);
    }

    /** Starts one on a given port, such as that of a server which has moved. */
    static Proxy on(int port, int target) {
        try {
            Proxy proxy = new Proxy(new ServerSocket(port, 50, LOOPBACK), target);
            start("proxy-accept", proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port to connect to. */
    public int port() {
        return server.getLocalPort();
    }

    /** Connects to another port from now on. */
    public void target(int port) {
        target = port;
    }

    /** Passes everything through. What was half-open stays so, as behind a firewall that forgot it. */
    public void pass() {
        state = new State(Mode.PASS, 0);
    }

    /** Forwards so many bytes a second at most, for each connection and direction. */
    public void slow(int bytesASecond) {
        state = new State(Mode.SLOW, bytesASecond);
    }

    /** Resets every connection (RST), and each that is opened from now on. */
    public void reset() {
        state = new State(Mode.RESET, 0);
        connections.forEach(Connection::reset);
    }

    /** Forwards nothing and closes nothing: both ends go on believing in the connection. New ones are accepted into silence. */
    public void halfOpen() {
        state = new State(Mode.HALF_OPEN, 0);
        connections.forEach(connection -> connection.silent = true);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                accepted(server.accept());
            } catch (IOException closing) {
                // The loop ends where the server socket is closed; a client that is gone already is no matter.
            }
        }
    }

    private void accepted(Socket client) throws IOException {
        Mode mode = state.mode();
        if (mode == Mode.RESET) {
            reset(client);
            return;
        }
        Connection connection = new Connection(client, mode == Mode.HALF_OPEN);
        connections.add(connection);
        if (!connection.silent) {
            connection.open();
        }
        if (state.mode() == Mode.RESET) {
            connection.reset(); // switched meanwhile
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException alreadyClosed) {
            // Then there is nothing to reset.
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Closes the proxy and all its connections. */
    @Override
    public void close() throws IOException {
        server.close();
        connections.forEach(Connection::reset);
    }

    /** A client's connection, and the one to the server that is made for it. */
    private final class Connection {

        private final Socket client;
        private final Socket upstream = new Socket();
        private volatile boolean silent;

        private Connection(Socket client, boolean silent) {
            this.client = client;
            this.silent = silent;
        }

        private void open() {
            try {
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                upstream.connect(new InetSocketAddress(LOOPBACK, target));
            } catch (IOException refused) {
                reset(); // the client hears of a server that is away
                return;
            }
            start("proxy-out", () -> pump(client, upstream));
            start("proxy-in", () -> pump(upstream, client));
        }

        private void pump(Socket from, Socket to) {
            byte[] buffer = new byte[BUFFER];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    forward(buffer, read, out);
                }
                if (!silent) {
                    to.shutdownOutput();
                }
            } catch (IOException broken) {
                // Half of what this is for. The other end hears of it unless the connection is silent.
                if (!silent) {
                    reset();
                }
            }
        }

        private void forward(byte[] buffer, int length, OutputStream out) throws IOException {
            int sent = 0;
            while (sent < length && !silent) {
                State now = state;
                if (now.mode() == Mode.SLOW) {
                    int step = Math.min(length - sent, Math.max(1, now.bytesASecond() / STEPS_A_SECOND));
                    out.write(buffer, sent, step);
                    sent += step;
                    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1) * step / now.bytesASecond());
                } else {
                    out.write(buffer, sent, length - sent);
                    sent = length;
                }
            }
        }

        private void reset() {
            connections.remove(this);
            Proxy.reset(client);
            Proxy.reset(upstream);
        }
    }
}

package routes.dev;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ports of one platform, each given out once. */
public final class Ports {
    private static final Logger LOG = LoggerFactory.getLogger(Ports.class);

    /** From here on Linux takes ports for outgoing connections: one of them may hold a server's port while it restarts. */
    private static final int FIRST_EPHEMERAL = 32_768;

    private static final int FIRST_RANDOM = 20_000;

    /** Processes that look for ports at the same time have one each, so that none takes what another has just found free. */
    private static final int LANE = Integer.parseInt(System.getProperty("platform.lane", "0"));

    private static final int LANES = 4;

    private final Set<Integer> given = new HashSet<>();

    /**
     * Returns the wished port, or the next free one with a warning.
     *
     * @param server the server's name, for the warning
     * @param howToChoose what to write to choose another port, such as {@code -Dplatform.smtp.port}
     */
    int near(int wished, String server, String howToChoose) {
        if (give(wished)) {
            return wished;
        }
        int instead = IntStream.range(wished + 1, FIRST_EPHEMERAL)
                .filter(this::give)
                .findFirst()
                .orElseGet(this::any);
        LOG.warn(
                "Port {} is taken by another program: {} listens on {} instead. To choose one: {}=...",
                wished,
                server,
                instead,
                howToChoose);
        return instead;
    }

    /** Returns any free port that no outgoing connection is given. */
    public int any() {
        return ThreadLocalRandom.current()
                .ints(FIRST_RANDOM, FIRST_EPHEMERAL)
                .filter(port -> port % LANES == LANE % LANES)
                .filter(this::give)
                .findFirst()
                .orElseThrow();
    }

    /** Returns whether a server accepts connections on a port of the loopback interface. */
    public static boolean isListening(int port) {
        return isListening(InetAddress.getLoopbackAddress(), port);
    }

    /** Returns whether a server accepts connections on a port of an address. */
    static boolean isListening(InetAddress address, int port) {
        try (Socket socket = new Socket(address, port)) {
            return socket.isConnected();
        } catch (IOException nobody) {
            return false;
        }
    }

    /** Makes sure that what answers on a port later is the server that is about to start. */
    static void requireSilence(int port, String server) {
        if (isListening(port)) {
            throw new PlatformException(server + " cannot start: port " + port + " is taken by another program.");
        }
    }

    private boolean give(int port) {
        return !given.contains(port) && isFree(port) && given.add(port);
    }

    private static boolean isFree(int port) {
        // Both, since some systems let a port be bound on one address that another program has on all, or the reverse.
        return canBind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                && canBind(new InetSocketAddress(port));
    }

    private static boolean canBind(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address);
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}

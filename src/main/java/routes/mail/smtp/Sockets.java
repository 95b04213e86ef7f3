package routes.mail.smtp;

import jakarta.mail.Session;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Objects;
import javax.net.SocketFactory;

/** Makes sockets for the library, which keeps them to itself, and remembers each thread's last one. */
class Sockets extends SocketFactory {

    /** The property of a session that has them. */
    static final String PROPERTY = "mail.smtp.socketFactory";

    private final ThreadLocal<Socket> last = new ThreadLocal<>();

    /** The socket, below TLS, of the connection of a session that this thread has just opened. */
    static Socket takeLast(Session session) {
        Sockets of = (Sockets) Objects.requireNonNull(session.getProperties().get(PROPERTY));
        Socket socket = Objects.requireNonNull(of.last.get());
        of.last.remove();
        return socket;
    }

    @Override
    public final Socket createSocket() {
        Socket socket = unconnected();
        last.set(socket);
        return socket;
    }

    /** A new socket. */
    Socket unconnected() {
        return new Socket();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return new Socket(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
        return new Socket(host, port, from, fromPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return new Socket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
        return new Socket(host, port, from, fromPort);
    }
}

package routes.mail.smtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Objects;
import javax.net.SocketFactory;

/** Makes sockets for the library, which keeps them to itself, and remembers each thread's last one. */
class Sockets extends SocketFactory {

    /** The property of a session that has them. */
    static final String PROPERTY = "mail.smtp.socketFactory";

    private static final ThreadLocal<Socket> LAST = new ThreadLocal<>();

    /** The socket, below TLS, of the connection that this thread has just opened. */
    static Socket takeLast() {
        Socket socket = Objects.requireNonNull(LAST.get());
        LAST.remove();
        return socket;
    }

    @Override
    public final Socket createSocket() {
        Socket socket = unconnected();
        LAST.set(socket);
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

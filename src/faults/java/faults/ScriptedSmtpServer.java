package faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * An SMTP server (RFC 5321) on the loopback interface that misbehaves on request: at each step of a conversation it gives the answers
 * that were set for the step, in turn, and then the usual one. It keeps every command and every mail, and whether they came in plain text.
 */
public final class ScriptedSmtpServer implements AutoCloseable {

    private final ServerSocket server;
    private final @Nullable SSLContext tls;
    private final boolean implicitTls;
    private final Map<Step, Deque<Answer>> script = new ConcurrentHashMap<>();
    private final List<Command> commands = new CopyOnWriteArrayList<>();
    private final List<Mail> mails = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** A step of the conversation, at which the server has something to say. */
    public enum Step {
        GREETING,
        EHLO,
        STARTTLS,
        AUTH,
        MAIL,
        RCPT,
        DATA,
        /** After the line with a single dot. */
        END_OF_DATA,
        NOOP
    }

    /**
     * What the server does at a step.
     *
     * @param reply the line, such as {@code 450 4.2.1 mailbox busy}; null hangs up without one. After a 421 it hangs up as well
     *     (RFC 5321, section 3.8).
     * @param delay how long it takes to answer
     */
    public record Answer(@Nullable String reply, Duration delay) {

        /** Answers at once. */
        public static Answer of(String reply) {
            return new Answer(reply, Duration.ZERO);
        }

        /** Answers in the usual way, but late. */
        public static Answer late(String reply, Duration delay) {
            return new Answer(reply, delay);
        }

        /** Hangs up. */
        public static Answer drop() {
            return new Answer(null, Duration.ZERO);
        }
    }

    /**
     * A line that came in.
     *
     * @param connection which one, counted from 1
     * @param encrypted whether it came through TLS
     */
    public record Command(int connection, boolean encrypted, String line) {}

    /**
     * A mail that came in to its final dot.
     *
     * @param connection which one, counted from 1
     * @param encrypted whether it came through TLS
     * @param accepted whether the server said so, or hung up before it could say anything
     */
    public record Mail(int connection, boolean encrypted, boolean accepted, List<String> recipients, String source) {

        /** The value of a header of one line. */
        public String header(String name) {
            return source.lines()
                    .filter(line -> line.startsWith(name + ": "))
                    .map(line -> line.substring(name.length() + 2))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private final Socket kept = new Socket();

    private ScriptedSmtpServer(ServerSocket server, @Nullable SSLContext tls, boolean implicitTls) {
        this.server = server;
        this.tls = tls;
        this.implicitTls = implicitTls;
    }

    /** Starts a server that offers no STARTTLS. */
    public static ScriptedSmtpServer start() {
        return start(null);
    }

    /** Starts a server that offers STARTTLS, with the certificate of this context; none is offered without. */
    public static ScriptedSmtpServer start(@Nullable SSLContext tls) {
        return start(0, tls, false);
    }

    /** Starts a server that speaks TLS from the first byte on, with the certificate of this context. */
    public static ScriptedSmtpServer startWithTls(SSLContext tls) {
        return start(0, tls, true);
    }

    /** Starts a server on this port, in the place of another. */
    public static ScriptedSmtpServer startOn(int port) {
        return start(port, null, false);
    }

    private static ScriptedSmtpServer start(int port, @Nullable SSLContext tls, boolean implicitTls) {
        try {
            var started = new ScriptedSmtpServer(
                    new ServerSocket(port, 50, InetAddress.getLoopbackAddress()), tls, implicitTls);
            run("smtp-accept", started::accept);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Adds answers for a step, each given once. */
    public void answer(Step step, Answer... inOrder) {
        script.computeIfAbsent(step, none -> new ConcurrentLinkedDeque<>()).addAll(List.of(inOrder));
    }

    /** Adds an answer for a step, given once. */
    public void answer(Step step, String reply) {
        answer(step, Answer.of(reply));
    }

    /** Forgets what came in and what was to be answered, and hangs up. */
    public void clear() {
        script.clear();
        open.forEach(ScriptedSmtpServer::closeQuietly);
        commands.clear();
        mails.clear();
    }

    /** Every line of every connection but for the mails, in their order. */
    public List<Command> commands() {
        return List.copyOf(commands);
    }

    /** The lines of one connection. */
    public List<String> conversation(int connection) {
        return commands.stream()
                .filter(command -> command.connection() == connection)
                .map(Command::line)
                .toList();
    }

    /** Every mail that came in whole, accepted or not. */
    public List<Mail> mails() {
        return List.copyOf(mails);
    }

    /** How many connections there have been. */
    public int connections() {
        return connections.get();
    }

    /** Ends, but keeps the port: who connects is refused, and no other server gets it. */
    public void refuse() throws IOException {
        server.close();
        open.forEach(ScriptedSmtpServer::closeQuietly);
        kept.setReuseAddress(true);
        // The port is free once the thread that accepts has noticed.
        await().ignoreExceptions().untilAsserted(() -> kept.bind(server.getLocalSocketAddress()));
    }

    /** A new server in the place of this one. */
    public ScriptedSmtpServer startAgain() throws IOException {
        close();
        return startOn(port());
    }

    @Override
    public void close() throws IOException {
        server.close();
        open.forEach(ScriptedSmtpServer::closeQuietly);
        kept.close();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.add(client);
                run("smtp-conversation", () -> converse(client));
            } catch (IOException closing) {
                // The loop ends where the server socket is closed.
            }
        }
    }

    private void converse(Socket client) {
        try (client) {
            new Conversation(client, connections.incrementAndGet()).run();
        } catch (IOException gone) {
            // The client hung up, or the server was closed: either is a test's doing.
        } finally {
            open.remove(client);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyClosed) {
            // As was wished.
        }
    }

    private static void run(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private final class Conversation {

        private final int number;
        private final List<String> recipients = new ArrayList<>();
        private Socket socket;
        private boolean encrypted;

        private Conversation(Socket socket, int number) {
            this.socket = socket;
            this.number = number;
        }

        private void run() throws IOException {
            if (implicitTls) {
                encrypt();
            }
            boolean goesOn = answer(Step.GREETING, "220 localhost ready") != 0;
            while (goesOn) {
                String line = readLine();
                if (line == null) {
                    return;
                }
                commands.add(new Command(number, encrypted, line));
                goesOn = obey(line);
            }
        }

        /** Returns whether the conversation goes on. */
        private boolean obey(String line) throws IOException {
            int end = line.indexOf(' ');
            String verb = (end < 0 ? line : line.substring(0, end)).toUpperCase(Locale.ROOT);
            switch (verb) {
                case "EHLO", "HELO" -> {
                    boolean offered = tls != null && !encrypted;
                    return answer(
                                    Step.EHLO,
                                    offered ? "250-localhost\r\n250 STARTTLS" : "250-localhost\r\n250 AUTH PLAIN")
                            != 0;
                }
                case "STARTTLS" -> {
                    int code = answer(Step.STARTTLS, tls == null ? "502 not offered" : "220 go ahead");
                    if (code == 220) {
                        encrypt();
                    }
                    return code != 0;
                }
                case "AUTH" -> {
                    return answer(Step.AUTH, "235 welcome") != 0;
                }
                case "MAIL" -> {
                    recipients.clear();
                    return answer(Step.MAIL, "250 ok") != 0;
                }
                case "RCPT" -> {
                    int code = answer(Step.RCPT, "250 ok");
                    if (code == 250) {
                        recipients.add(line.substring(line.indexOf('<') + 1, line.lastIndexOf('>')));
                    }
                    return code != 0;
                }
                case "DATA" -> {
                    return recipients.isEmpty() ? say("503 no recipients") : data();
                }
                case "RSET" -> {
                    recipients.clear();
                    return say("250 ok");
                }
                case "NOOP" -> {
                    return answer(Step.NOOP, "250 ok") != 0;
                }
                case "QUIT" -> {
                    say("221 bye");
                    return false;
                }
                default -> {
                    return say("500 not understood");
                }
            }
        }

        private boolean data() throws IOException {
            int code = answer(Step.DATA, "354 go ahead");
            if (code != 354) {
                return code != 0;
            }
            StringBuilder source = new StringBuilder();
            for (String line = readLine(); !".".equals(line); line = readLine()) {
                if (line == null) {
                    return false;
                }
                source.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
            }
            Answer answer = next(Step.END_OF_DATA, "250 taken");
            boolean accepted = answer.reply() == null || answer.reply().startsWith("2");
            mails.add(new Mail(number, encrypted, accepted, List.copyOf(recipients), source.toString()));
            recipients.clear();
            return give(answer) != 0;
        }

        /** Returns the code of what was answered; 0 when the conversation is over. */
        private int answer(Step step, String usual) throws IOException {
            return give(next(step, usual));
        }

        private Answer next(Step step, String usual) {
            Deque<Answer> answers = script.get(step);
            Answer scripted = answers == null ? null : answers.poll();
            return scripted == null ? Answer.of(usual) : scripted;
        }

        private int give(Answer answer) throws IOException {
            if (!answer.delay().isZero()) {
                Flow.pause(answer.delay());
            }
            if (answer.reply() == null) {
                return 0;
            }
            say(answer.reply());
            int code = Integer.parseInt(answer.reply().substring(0, 3));
            return code == 421 ? 0 : code;
        }

        private boolean say(String reply) throws IOException {
            socket.getOutputStream().write((reply + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return true;
        }

        private void encrypt() throws IOException {
            SSLContext context = Objects.requireNonNull(tls);
            SSLSocket wrapped = (SSLSocket) context.getSocketFactory()
                    .createSocket(socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true);
            wrapped.setUseClientMode(false);
            wrapped.startHandshake();
            socket = wrapped;
            encrypted = true;
        }

        /** A line up to CRLF, a character a byte: unbuffered, since TLS may begin after it. */
        private @Nullable String readLine() throws IOException {
            InputStream in = socket.getInputStream();
            StringBuilder line = new StringBuilder();
            for (int read = in.read(); read >= 0; read = in.read()) {
                if (read == '\n') {
                    int end = line.length();
                    return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
                }
                line.append((char) read);
            }
            return null;
        }
    }
}

package faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An SMTP server that accepts every mail, unless it is told otherwise, and keeps no more of it than a line. A mail counts from the moment at which its last line is
 * here, as it does for a real server: before the client has read the answer.
 */
final class MailSink implements AutoCloseable {

    private final ServerSocket server;
    private final EffectLog effects;
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private volatile Duration pause = Duration.ZERO;
    private final AtomicInteger recipients = new AtomicInteger();
    private volatile boolean refusesLogins;
    private volatile int refusedEach;

    MailSink(EffectLog effects) {
        this.effects = effects;
        try {
            this.server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** How long every mail waits for its answer from now on, after it has counted. */
    void answerAfter(Duration pause) {
        this.pause = pause;
    }

    /** Hangs up, on nobody between a mail and its reply, and lets nobody log in from now on, or everybody again. */
    void refuseLogins(boolean refused) throws IOException {
        refusesLogins = refused;
        if (refused) {
            for (Socket client : clients) {
                synchronized (client) {
                    client.close();
                }
            }
        }
    }

    /** Takes each nth mail only later from now on; 0: none. */
    void refuseEach(int nth) {
        refusedEach = nth;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                daemon(() -> converse(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void converse(Socket client) {
        try (client;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
            clients.add(client);
            client.setTcpNoDelay(true);
            OutputStream out = client.getOutputStream();
            answer(out, "220 sink");
            String recipient = "";
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String command = line.toUpperCase(Locale.ROOT);
                if (command.startsWith("RCPT TO:")) {
                    recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
                }
                if (command.equals("DATA")) {
                    answer(out, "354 go on");
                    Map<String, String> headers = headers(in);
                    synchronized (client) {
                        if (client.isClosed()) {
                            return;
                        }
                        accept(recipient, headers);
                        Flow.pause(pause);
                        answer(out, "250 ok");
                    }
                } else {
                    answer(out, reply(command));
                }
                if (command.equals("QUIT")) {
                    return;
                }
            }
        } catch (IOException gone) {
            // A client that was killed hangs up like this, with nothing accepted that is not kept.
        } finally {
            clients.remove(client);
        }
    }

    private String reply(String command) {
        String verb = command.split(" ", 2)[0];
        return switch (verb) {
            case "EHLO" -> "250-sink\r\n250 AUTH PLAIN";
            case "RCPT" -> isRefused() ? "451 4.3.2 later" : "250 ok";
            case "AUTH" -> refusesLogins ? "535 5.7.8 not known here" : "235 welcome";
            case "QUIT" -> "221 bye";
            default -> "250 ok";
        };
    }

    private boolean isRefused() {
        int nth = refusedEach;
        return nth > 0 && recipients.incrementAndGet() % nth == 0;
    }

    private static Map<String, String> headers(BufferedReader in) throws IOException {
        Map<String, String> headers = new HashMap<>();
        @Nullable String name = null;
        boolean body = false;
        for (String line = in.readLine(); !".".equals(line); line = in.readLine()) {
            if (line == null) {
                throw new IOException("hung up in the middle of a mail");
            }
            if (body || line.isEmpty()) {
                body = true;
            } else if (Character.isWhitespace(line.charAt(0)) && name != null) {
                headers.merge(name, line.strip(), (before, more) -> before + " " + more);
            } else {
                name = line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT);
                headers.put(name, line.substring(line.indexOf(':') + 1).strip());
            }
        }
        return headers;
    }

    private void accept(String recipient, Map<String, String> headers) throws IOException {
        effects.add(
                Effect.mail(kind(Objects.requireNonNull(headers.get("subject"))), recipient),
                Objects.requireNonNull(headers.get("message-id")));
    }

    /** Which mail it is, by the subject: a milestone's with its number, since one person hears of several. */
    private static String kind(String subject) {
        if (subject.startsWith("Welcome")) {
            return "welcome";
        } else if (subject.startsWith("Your email address")) {
            return "verified";
        } else if (subject.startsWith("A friend joined")) {
            return "position";
        } else if (subject.startsWith("You earned")) {
            return "earned";
        } else if (subject.startsWith("Your reward")) {
            return "reward";
        }
        return "milestone-" + subject.replaceAll("\\D", "");
    }

    private static void answer(OutputStream out, String line) throws IOException {
        out.write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "mail-sink");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}

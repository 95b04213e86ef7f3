package routes.mail.smtp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** An SMTP server without a network: each socket answers what is written to it, in the thread that writes. */
final class MemorySmtp extends Sockets {

    /** The Message-IDs of accepted mails, as often as they were accepted. */
    final Queue<String> accepted = new ConcurrentLinkedQueue<>();

    /** What no client may do: to have too many connections, or to say something out of order, as two that share one would. */
    final Queue<String> wrongs = new ConcurrentLinkedQueue<>();

    private final int most;
    private final int mailsEach;
    private final AtomicInteger open = new AtomicInteger();

    /**
     * A server without connections.
     *
     * @param most how many connections the client may have
     * @param mailsEach after how many mails it refuses the next one, and hangs up
     */
    MemorySmtp(int most, int mailsEach) {
        this.most = most;
        this.mailsEach = mailsEach;
    }

    int open() {
        return open.get();
    }

    @Override
    Socket unconnected() {
        return new Connection();
    }

    private final class Connection extends Socket {

        private final StringBuilder line = new StringBuilder();
        private final Queue<Byte> answers = new ArrayDeque<>();
        private String last = "";
        private boolean inData;
        private String id = "";
        private int mails;
        private boolean closed;

        @Override
        public void connect(SocketAddress to, int timeout) {
            connect(to);
        }

        @Override
        public void connect(SocketAddress to) {
            if (open.incrementAndGet() > most) {
                wrongs.add("more than " + most + " connections");
            }
            answer("220 ready");
        }

        private void answer(String text) {
            for (byte one : (text + "\r\n").getBytes(StandardCharsets.US_ASCII)) {
                answers.add(one);
            }
        }

        private void written(int one) {
            if (one != '\n') {
                line.append(one == '\r' ? "" : (char) one);
                return;
            }
            String said = line.toString();
            line.setLength(0);
            if (inData) {
                data(said);
            } else {
                command(said);
            }
        }

        private void data(String said) {
            if (said.startsWith("Message-ID: ")) {
                id = said;
            } else if (said.equals(".")) {
                inData = false;
                mails++;
                accepted.add(id);
                answer("250 accepted");
            }
        }

        private void command(String said) {
            String verb = said.substring(0, 4);
            String before = last;
            last = verb;
            if ((verb.equals("RCPT") && !before.equals("MAIL")) || (verb.equals("DATA") && !before.equals("RCPT"))) {
                wrongs.add(verb + " after " + before);
            }
            switch (verb) {
                case "EHLO" -> answer("250 AUTH PLAIN");
                case "AUTH" -> answer("235 welcome");
                case "MAIL" -> {
                    if (mails == mailsEach) {
                        answer("421 that was enough");
                    } else {
                        answer("250 ok");
                    }
                }
                case "DATA" -> {
                    inData = true;
                    answer("354 go ahead");
                }
                case "QUIT" -> answer("221 bye");
                default -> answer("250 ok");
            }
        }

        @Override
        public InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() {
                    Byte next = answers.poll();
                    return next == null ? -1 : next;
                }

                @Override
                public int read(byte[] to, int from, int length) {
                    int read = 0;
                    while (read < length && !answers.isEmpty()) {
                        to[from + read++] = answers.remove();
                    }
                    return read == 0 ? -1 : read;
                }
            };
        }

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int one) {
                    written(one);
                }
            };
        }

        @Override
        public synchronized void close() throws IOException {
            if (!closed) {
                closed = true;
                open.decrementAndGet();
            }
        }

        @Override
        public boolean isConnected() {
            return !closed;
        }

        @Override
        public boolean isClosed() {
            return closed;
        }

        @Override
        public void setSoTimeout(int millis) {}

        @Override
        public int getSoTimeout() {
            return 0;
        }

        @Override
        public int getPort() {
            return 25;
        }

        @Override
        public InetAddress getInetAddress() {
            return InetAddress.getLoopbackAddress();
        }
    }
}

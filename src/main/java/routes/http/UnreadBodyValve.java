package routes.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * After the answer, waits only for a moment for the rest of a body that nobody has read. Tomcat would read up to 2 MiB of it,
 * as slowly as the caller sends it, and keep the thread until then. Whoever sends at once gets the answer: a connection that
 * is closed over unread bytes is reset, and the answer is lost with it (RFC 9112, section 9.6).
 */
final class UnreadBodyValve extends ValveBase {

    private static final long MOST_BYTES = 16L * 1024 * 1024;
    private static final Duration MOMENT = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofMillis(5);

    UnreadBodyValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
        if (request.isAsync() || request.isFinished()) {
            return;
        }
        try {
            response.finishResponse();
            readAway(request);
        } catch (IOException | IllegalStateException gone) {
            // The caller has gone, or a reader has the body: there is nothing to save.
        }
        if (!request.isFinished()) {
            request.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
        }
    }

    private static void readAway(Request request) throws IOException {
        InputStream body = request.getInputStream();
        byte[] some = new byte[16 * 1024];
        long until = System.nanoTime() + MOMENT.toNanos();
        for (long read = 0; read < MOST_BYTES && !request.isFinished() && System.nanoTime() - until < 0; ) {
            if (body.available() > 0) {
                read += Math.max(0, body.read(some, 0, Math.min(some.length, body.available())));
            } else {
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }
}

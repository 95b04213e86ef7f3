package routes.http;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * After the answer, waits for no more of a body that nobody has read. Tomcat would read up to 2 MiB of it, as slowly as the
 * caller sends it, and keep the thread until then. What has come by now is read away, so that the answer arrives.
 */
final class UnreadBodyValve extends ValveBase {

    private static final int MOST_BYTES = 1024 * 1024;

    UnreadBodyValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
        if (request.isAsync() || request.isFinished() || request.getContentLengthLong() == 0) {
            return;
        }
        response.finishResponse();
        try {
            InputStream body = request.getInputStream();
            for (int left = MOST_BYTES; left > 0 && body.available() > 0; ) {
                int skipped = (int) body.skip(Math.min(left, body.available()));
                left = skipped == 0 ? 0 : left - skipped;
            }
        } catch (IOException | IllegalStateException gone) {
            // The caller has gone, or a reader has the body: there is nothing to save.
            request.getCoyoteRequest().action(ActionCode.CLOSE_NOW, null);
            return;
        }
        if (!request.isFinished()) {
            request.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
        }
    }
}

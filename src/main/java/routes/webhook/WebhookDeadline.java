package routes.webhook;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import routes.background.Threads;
import routes.webhook.WebhookTimeoutException.Step;

/**
 * Bounds a webhook from connecting to the last byte of the answer: with timeouts per read a receiver could answer a byte at a
 * time for days, and an endless answer would fill the heap. The answer is read here, as far as it is needed; the content of one with a
 * Content-Encoding is dropped.
 */
@Component
class WebhookDeadline implements ExecChainHandler, DisposableBean {

    private static final int ANSWER_LIMIT = 64 * 1024;
    private static final String STEP = "webhook.step";

    private final WebhookSettings settings;
    private final ScheduledExecutorService clock = Threads.rounds("webhook-deadline", 1);

    WebhookDeadline(WebhookSettings settings) {
        this.settings = settings;
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        AtomicBoolean over = new AtomicBoolean();
        // Cancelling closes the connection, whatever is waiting on it.
        Future<?> deadline = clock.schedule(
                () -> {
                    over.set(true);
                    ((Cancellable) scope.originalRequest).cancel();
                },
                settings.timeout().toMillis(),
                TimeUnit.MILLISECONDS);
        reaches(Step.CONNECT, scope.clientContext);
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            reaches(Step.END, scope.clientContext);
            HttpEntity entity = response.getEntity();
            if (entity != null) {
                byte[] answer = read(entity, scope);
                // None was asked for. Camel would undo gzip without a limit, and fail on what is not gzip.
                boolean coded = response.removeHeaders(HttpHeaders.CONTENT_ENCODING);
                response.setEntity(
                        new ByteArrayEntity(coded ? new byte[0] : answer, ContentType.APPLICATION_OCTET_STREAM));
            }
            return response;
        } catch (IOException e) {
            // The client's own timeouts are equally long, and may fire first.
            if (over.get() || e instanceof SocketTimeoutException) {
                throw new WebhookTimeoutException(reached(scope.clientContext), settings.timeout(), e);
            }
            throw e;
        } finally {
            deadline.cancel(false);
        }
    }

    /** Tracks how far a request is, so that a timeout can say what it was waiting for. */
    static void reaches(Step step, HttpContext context) {
        context.setAttribute(STEP, step);
    }

    private static Step reached(HttpContext context) {
        return context.getAttribute(STEP) instanceof Step step ? step : Step.CONNECT;
    }

    /** Reads the answer to its end, which returns the connection to the pool; or only its first part, and drops the connection. */
    private static byte[] read(HttpEntity entity, ExecChain.Scope scope) throws IOException {
        InputStream content = entity.getContent();
        byte[] bytes = content.readNBytes(ANSWER_LIMIT + 1);
        if (bytes.length > ANSWER_LIMIT) {
            scope.execRuntime.discardEndpoint();
        } else {
            content.close();
        }
        return bytes;
    }

    @Override
    public void destroy() {
        clock.shutdownNow();
    }
}

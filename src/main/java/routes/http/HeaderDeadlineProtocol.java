package routes.http;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 with a connection timeout for the whole head of a request. Tomcat's own is per read, so a byte now and then keeps
 * a connection, and its part of the heap, for hours.
 */
public final class HeaderDeadlineProtocol extends Http11NioProtocol {

    private @Nullable ScheduledFuture<?> watch;

    @Override
    public void start() throws Exception {
        super.start();
        watch = getUtilityExecutor().scheduleWithFixedDelay(this::endLate, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws Exception {
        if (watch != null) {
            watch.cancel(false);
        }
        super.stop();
    }

    private void endLate() {
        long latest = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(getConnectionTimeout());
        for (SocketWrapperBase<NioChannel> connection : getEndpoint().getConnections()) {
            // Between reads a connection has a processor only while its request is incomplete.
            if (connection.getCurrentProcessor() instanceof Processor unfinished
                    && !unfinished.isAsync()
                    && !unfinished.isUpgrade()) {
                long begun = unfinished.getRequest().getStartTimeNanos();
                if (begun != -1 && begun - latest < 0) {
                    getEndpoint().processSocket(connection, SocketEvent.ERROR, true);
                }
            }
        }
    }
}

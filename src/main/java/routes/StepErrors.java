package routes;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * A step that throws an {@link Error} has failed, as with an exception. Camel 4.22 would say of one that is not asynchronous that it is done,
 * and throw the error at its caller (AsyncProcessorConverterHelper): the thread would continue with the steps behind it together with its
 * next exchange, as if it had succeeded. And where an asynchronous step has gone on in a thread of its own, nobody would hear of the error,
 * and nothing would ever end the exchange.
 */
@Component
class StepErrors implements InterceptStrategy {

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext camel, NamedNode definition, Processor target, @Nullable Processor nextTarget) {
        return new Step(AsyncProcessorConverterHelper.convert(target));
    }

    private static final class Step extends DelegateAsyncProcessor {

        private Step(AsyncProcessor target) {
            super(target);
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            Done done = new Done(callback);
            boolean sync = false;
            try {
                sync = super.process(exchange, done);
            } catch (RuntimeException | Error e) {
                if (!done.said && !done.passedOn.compareAndSet(false, true)) {
                    throw e; // another thread continues the exchange
                }
                exchange.setException(e);
                done.said = true;
            } finally {
                done.returned();
            }
            return sync || done.said;
        }
    }

    /**
     * Passes on that a step is done: while it runs in its thread, only when it has returned, and once. Whatever it had begun when it threw an
     * error, and whenever that ends, the exchange has gone on without it.
     */
    private static final class Done implements AsyncCallback {

        private final AsyncCallback callback;
        private final Thread thread = Thread.currentThread();
        private final AtomicBoolean passedOn = new AtomicBoolean();
        private boolean said;
        private boolean returned;

        private Done(AsyncCallback callback) {
            this.callback = callback;
        }

        @Override
        public void done(boolean sync) {
            boolean isFirst = passedOn.compareAndSet(false, true);
            if (isFirst && sync && Thread.currentThread() == thread && !returned) {
                said = true;
            } else if (isFirst) {
                callback.done(false);
            }
        }

        private void returned() {
            returned = true;
            if (said) {
                callback.done(true);
            }
        }
    }
}

package routes;

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
 * A step that is not asynchronous and throws an {@link Error} has failed, as with an exception. Camel would say that it is done and throw
 * the error at its caller (AsyncProcessorConverterHelper, Camel 4.22): the thread would continue with the steps behind it together with its
 * next exchange, as if it had succeeded.
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
                if (!done.said) {
                    throw e; // it may still say so: what it has begun is unknown
                }
                exchange.setException(e);
            } finally {
                done.returned();
            }
            return sync || done.said;
        }
    }

    /** Passes on that a step is done, but while the step runs only when it has returned. */
    private static final class Done implements AsyncCallback {

        private final AsyncCallback callback;
        private final Thread thread = Thread.currentThread();
        private boolean said;
        private boolean returned;

        private Done(AsyncCallback callback) {
            this.callback = callback;
        }

        @Override
        public void done(boolean sync) {
            if (sync && Thread.currentThread() == thread && !returned) {
                said = true;
            } else {
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

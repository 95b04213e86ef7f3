package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Policy;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Camel itself goes on behind such a step, with the thread's next exchange. */
class StepErrorsTest {

    private final List<String> reached = new CopyOnWriteArrayList<>();
    private final List<AsyncCallback> late = new CopyOnWriteArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"processor", "policy", "producer"})
    void aStepThatThrowsAnErrorHasFailedAndNothingBehindItIsDone(String step) throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            start(camel);
            ProducerTemplate callers = camel.createProducerTemplate();

            Exchange failed = callers.send(
                    "direct:" + step, exchange -> exchange.getMessage().setBody("first"));
            callers.sendBody("direct:good", "second");

            assertThat(failed.getException()).hasRootCauseInstanceOf(StackOverflowError.class);
            assertThat(reached).containsExactly("second");
        }
    }

    @Test
    void anErrorIsHandledAsAnExceptionIs() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            start(camel);

            Object answer = camel.createProducerTemplate().requestBody("direct:handled", "first");

            assertThat(answer).isEqualTo("handled");
            assertThat(reached).isEmpty();
        }
    }

    /** As behind a step that waits for its turn. A future's thread would keep the error to itself, and the exchange be in flight for good. */
    @Test
    void anErrorInAThreadThatNobodyWatchesEndsItsExchange() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            start(camel);

            CompletableFuture<Exchange> answer = camel.createProducerTemplate()
                    .asyncSend("direct:turn", exchange -> exchange.getMessage().setBody("first"));

            Exchange failed = answer.get(60, TimeUnit.SECONDS);
            assertThat(failed.getException()).hasRootCauseInstanceOf(StackOverflowError.class);
            assertThat(reached).isEmpty();
            await().until(() -> camel.getInflightRepository().size() == 0);
        }
    }

    @Test
    void whatAStepSaysAfterItHasFailedIsNotHeard() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            start(camel);

            Exchange failed = camel.createProducerTemplate()
                    .send("direct:late", exchange -> exchange.getMessage().setBody("first"));

            assertThat(failed.getException()).hasRootCauseInstanceOf(StackOverflowError.class);
            late.get(0).done(false);
            assertThat(reached).isEmpty();
        }
    }

    /** Throws without a word, as Camel's marshaller does, and says later that it is done. */
    private final class Mute extends AsyncProcessorSupport {

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            late.add(callback);
            throw new StackOverflowError("in " + exchange.getFromRouteId());
        }
    }

    /** A step that another thread continues. */
    public static final class Turn {

        /** Comes in a moment. */
        @Handler
        public CompletionStage<String> turn() {
            return new CompletableFuture<String>().completeOnTimeout("turn", 100, TimeUnit.MILLISECONDS);
        }
    }

    private void start(DefaultCamelContext camel) throws Exception {
        camel.getCamelContextExtension().addInterceptStrategy(new StepErrors());
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:processor").process(StepErrorsTest::throwError).process(StepErrorsTest.this::reach);
                from("direct:policy")
                        .policy(new Failing())
                        .to("log:inside")
                        .end()
                        .process(StepErrorsTest.this::reach);
                from("direct:producer").to(new FailingEndpoint(camel)).process(StepErrorsTest.this::reach);
                from("direct:turn").bean(new Turn()).process(new Mute()).process(StepErrorsTest.this::reach);
                from("direct:late").process(new Mute()).process(StepErrorsTest.this::reach);
                from("direct:good").process(StepErrorsTest.this::reach);
                from("direct:handled")
                        .onException(Exception.class)
                        .handled(true)
                        .setBody(constant("handled"))
                        .end()
                        .process(StepErrorsTest::throwError)
                        .process(StepErrorsTest.this::reach);
            }
        });
        camel.start();
    }

    private void reach(Exchange exchange) {
        reached.add(exchange.getMessage().getBody(String.class));
    }

    private static void throwError(Exchange exchange) {
        throw new StackOverflowError("in " + exchange.getFromRouteId());
    }

    /** As a transaction that fails at its commit. */
    private static final class Failing implements Policy {

        @Override
        public void beforeWrap(Route route, NamedNode definition) {
            // Nothing to do.
        }

        @Override
        public Processor wrap(Route route, Processor steps) {
            return exchange -> {
                steps.process(exchange);
                throwError(exchange);
            };
        }
    }

    private static final class FailingEndpoint extends DefaultEndpoint {

        private FailingEndpoint(CamelContext camel) {
            setCamelContext(camel);
            setEndpointUriIfNotSpecified("failing:endpoint");
        }

        @Override
        public Producer createProducer() {
            return new DefaultProducer(this) {
                @Override
                public void process(Exchange exchange) {
                    throwError(exchange);
                }
            };
        }

        @Override
        public Consumer createConsumer(Processor processor) {
            throw new UnsupportedOperationException("nothing comes from here");
        }

        @Override
        public boolean isSingleton() {
            return true;
        }
    }
}

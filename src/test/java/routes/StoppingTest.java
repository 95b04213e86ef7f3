package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.direct.DirectConsumerNotAvailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.ArgumentCaptor;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliveryStatus;
import routes.delivery.Outcome;

/** A step whose next route has stopped already, as may happen to what is polled or picked up while an instance stops. */
@RouteTest
@Import(StoppingTest.Routes.class)
@ExtendWith(OutputCaptureExtension.class)
@DirtiesContext(classMode = DirtiesContext.ClassMode.AFTER_EACH_TEST_METHOD)
class StoppingTest {

    @Autowired
    private CamelContext camel;

    @Autowired
    private ProducerTemplate template;

    @MockitoBean
    private DeliveryLedger ledger;

    static class Routes extends RouteBuilder {
        @Override
        public void configure() {
            from("direct:records")
                    .routeId("some-workers")
                    .routeConfigurationId("consumer-group")
                    .process(Routes::stop)
                    .to("direct:stopped-before?block=false");
            from("direct:work")
                    .routeId("some-worker")
                    .routeConfigurationId("worker")
                    .process(Routes::stop)
                    .to("direct:stopped-before?block=false");
            from("direct:round")
                    .routeId("some-rounds")
                    .routeConfigurationId("poll")
                    .process(Routes::stop)
                    .to("direct:stopped-before?block=false");
        }

        private static void stop(Exchange exchange) {
            CamelContext camel = exchange.getContext();
            new Thread(camel::stop, "stops").start();
            await().until(camel::isStopping);
        }
    }

    @Test
    void aBatchThatIsPolledMeanwhileIsRefusedWithoutAnError(CapturedOutput output) {
        Exchange batch = template.send("direct:records", exchange -> {});

        assertThat(batch.getException()).isInstanceOf(DirectConsumerNotAvailableException.class);
        assertThat(output)
                .contains("INFO")
                .contains("some-workers: the service is stopping, so a batch is not taken in; it will be read again")
                .doesNotContain("ERROR", "DirectConsumerNotAvailableException");
    }

    @Test
    void aDeliveryThatIsPickedUpMeanwhileUsesUpNoAttempt() {
        template.send("direct:work", exchange -> {});

        ArgumentCaptor<Outcome> outcome = ArgumentCaptor.captor();
        verify(ledger, timeout(5_000)).finish(any(), outcome.capture());
        assertThat(outcome.getValue().status()).isEqualTo(DeliveryStatus.DUE);
        assertThat(outcome.getValue().tried()).isFalse();
        assertThat(outcome.getValue().reason()).isEqualTo("not tried: the instance was stopping");
    }

    @Test
    void aRoundThatBeginsMeanwhileIsNotAnError(CapturedOutput output) {
        template.send("direct:round", exchange -> {});

        assertThat(output).doesNotContain("ERROR", "some-rounds failed");
    }
}

package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.atLeast;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import routes.deadletter.DeadLetters;
import routes.delivery.Delivery;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliveryRecorder;
import routes.event.DomainEvent;
import routes.event.EventType;
import routes.event.Events;
import routes.kafka.BatchReader;
import routes.kafka.Offsets;
import routes.kafka.RecordBatch;
import routes.worker.HandOver;

@RouteTest
@Import({TakeIn.class, DeadLetter.class, TakeInTest.Group.class})
@MockitoBean(types = DeliveryLedger.class) // of the shared policy
class TakeInTest {

    private static final DomainEvent EVENT = Events.any(EventType.USER_SIGNED_UP);
    private static final List<Delivery> RECORDED =
            List.of(new Delivery(UUID.randomUUID(), "some-workers", "", EVENT, 0, 0, 1, false, false, null));
    private static final ConsumerRecord<byte[], byte[]> RECORD =
            new ConsumerRecord<>("domain-events", 0, 7, new byte[0], new byte[0]);

    @Autowired
    private CamelContext camel;

    @Autowired
    private ProducerTemplate template;

    @MockitoBean
    private BatchReader reader;

    @MockitoBean
    private DeliveryRecorder recorder;

    @MockitoBean
    private Offsets offsets;

    @MockitoBean
    private HandOver handOver;

    @MockitoBean
    private DeadLetters deadLetters;

    /** A consumer group as any route would be one, fed by the test. */
    static class Group extends RouteBuilder {
        @Override
        public void configure() {
            from("direct:records")
                    .routeId("some-workers")
                    .routeConfigurationId("consumer-group")
                    .to("direct:take-in");
        }
    }

    @BeforeEach
    void start() throws Exception {
        camel.start();
        RecordBatch batch = new RecordBatch("some-workers");
        batch.add(EVENT, RECORD);
        read(batch);
        given(recorder.record("some-workers", List.of(EVENT), batch)).willReturn(RECORDED);
    }

    @Test
    void recordsBeforeItCommitsAndHandsOverAfter() throws Exception {
        template.sendBody("direct:records", List.of());

        InOrder order = inOrder(deadLetters, recorder, offsets, handOver);
        order.verify(recorder).record(eq("some-workers"), eq(List.of(EVENT)), any(RecordBatch.class));
        order.verify(deadLetters).keep(any());
        order.verify(offsets).commit(any());
        order.verify(handOver).offer(RECORDED);
    }

    @Test
    void triesAgainToRecordWhileTheDatabaseIsAway() throws Exception {
        given(recorder.record(any(), any(), any()))
                .willThrow(new DataAccessResourceFailureException("connection refused"))
                .willReturn(RECORDED);

        template.sendBody("direct:records", List.of());

        verify(reader, times(1)).read(any(), any());
        verify(recorder, times(2)).record(any(), any(), any());
        verify(offsets).commit(any());
        verify(handOver).offer(RECORDED);
    }

    @Test
    void commitsNothingBeforeADeadLetterIsKept() throws Exception {
        willThrow(new DataAccessResourceFailureException("connection refused"))
                .willDoNothing()
                .given(deadLetters)
                .keep(any());

        template.sendBody("direct:records", List.of());

        InOrder order = inOrder(recorder, deadLetters, offsets, handOver);
        order.verify(recorder).record(any(), any(), any());
        order.verify(deadLetters, times(2)).keep(any());
        order.verify(offsets).commit(any());
        order.verify(handOver).offer(RECORDED);
    }

    @Test
    void givesUpABatchBeforeItsGroupGivesUpThisInstance() {
        KafkaConfiguration kafka =
                camel.getComponent("kafka", KafkaComponent.class).getConfiguration();
        Integer usual = kafka.getMaxPollIntervalMs();
        kafka.setMaxPollIntervalMs(12_000);
        given(recorder.record(any(), any(), any()))
                .willThrow(new DataAccessResourceFailureException("connection refused"));
        try {
            long began = System.nanoTime();
            assertThatThrownBy(() -> template.sendBody("direct:records", List.of()))
                    .isNotNull();

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(12));
            verify(recorder, atLeast(2)).record(any(), any(), any());
            verify(offsets, never()).commit(any());
        } finally {
            kafka.setMaxPollIntervalMs(usual);
        }
    }

    @Test
    void handsOverWhatIsRecordedAlsoWhenTheGroupHasMovedOn() throws Exception {
        willThrow(new CommitFailedException()).given(offsets).commit(any());

        Exchange batch = template.send(
                "direct:records", exchange -> exchange.getMessage().setBody(List.of()));

        assertThat(batch.getException()).isInstanceOf(CommitFailedException.class);
        verify(offsets, times(1)).commit(any());
        verify(handOver).offer(RECORDED);
    }

    private void read(RecordBatch batch) {
        given(reader.read(any(), any())).willAnswer(call -> {
            call.getArgument(1, Exchange.class).setProperty(RecordBatch.BATCH, batch);
            return batch;
        });
    }
}

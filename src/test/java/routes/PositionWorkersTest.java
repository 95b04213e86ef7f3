package routes;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.argThat;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.test.spring.junit5.UseAdviceWith;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionTemplate;
import routes.deadletter.DeadLetters;
import routes.delivery.ConsumerGroups;
import routes.delivery.Delivery;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliveryRecorder;
import routes.delivery.DeliveryStatus;
import routes.delivery.Outcome;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.EventType;
import routes.event.Events;
import routes.kafka.BatchReader;
import routes.kafka.Offsets;
import routes.kafka.RecordBatch;
import routes.position.CampaignEvents;
import routes.position.CampaignSet;
import routes.position.Campaigns;
import routes.position.Leaderboards;
import routes.position.PositionSettings;
import routes.position.RecentPeople;

@RouteTest
@UseAdviceWith
@Import({PositionWorkers.class, DeadLetter.class, Campaigns.class, InTransaction.class})
@MockitoBean(
        types = {
            ConsumerGroups.class,
            Leaderboards.class,
            PositionSettings.class,
            TransactionTemplate.class,
            DataSource.class
        })
class PositionWorkersTest {

    private static final ConsumerRecord<byte[], byte[]> RECORD =
            new ConsumerRecord<>("domain-events", 0, 7, new byte[0], new byte[0]);
    private static final DomainEvent FIRST = verifiedIn("c1");
    private static final DomainEvent SECOND = verifiedIn("c2");
    private static final DomainEvent THIRD = verifiedIn("c1");
    private static final List<CampaignEvents> BOTH =
            List.of(new CampaignEvents("c1", List.of(FIRST, THIRD)), new CampaignEvents("c2", List.of(SECOND)));

    @Autowired
    private CamelContext camel;

    @Autowired
    private ProducerTemplate template;

    @MockitoBean
    private BatchReader reader;

    @MockitoBean
    private DeliveryLedger ledger;

    @MockitoBean
    private DeliveryRecorder recorder;

    @MockitoBean
    private Offsets offsets;

    @MockitoBean
    private DeadLetters deadLetters;

    @MockitoBean
    private RecentPeople recent;

    @BeforeEach
    void startWithoutKafkaAndDatabase() throws Exception {
        if (camel.getStatus().isStarted()) {
            MockEndpoint.resetMocks(camel);
            prepare();
            return;
        }
        AdviceWith.adviceWith(camel, "position-workers", route -> {
            route.replaceFromWith("direct:records");
        });
        AdviceWith.adviceWith(camel, "recalculate-campaigns", route -> {
            route.weaveByToUri("direct:recalculate-positions").replace().to("mock:recalculate");
        });
        AdviceWith.adviceWith(camel, "position-worker", route -> {
            route.replaceFromWith("direct:position-worker");
            route.weaveByToUri("direct:recalculate-positions").replace().to("mock:recalculate");
        });
        camel.start();
        prepare();
    }

    private void prepare() {
        given(reader.read(any(), any())).willAnswer(call -> {
            RecordBatch batch = new RecordBatch("position-workers");
            for (DomainEvent event : List.of(FIRST, SECOND, THIRD)) {
                batch.add(event, RECORD);
            }
            call.getArgument(1, Exchange.class).setProperty(RecordBatch.BATCH, batch);
            return batch;
        });
    }

    @Test
    void recalculatesEachCampaignOfABatchOnceTogetherWithTheOthersAndThenCommits() throws Exception {
        recalculated().expectedBodiesReceived(new CampaignSet(BOTH));

        template.sendBody("direct:records", List.of());

        recalculated().assertIsSatisfied();
        verify(recent).remember(BOTH);
        verify(ledger).processed("position-workers", List.of(FIRST, THIRD, SECOND));
        verify(offsets).commit(any());
        verify(recorder, never()).putOffTogether(any(), any(), any());
    }

    @Test
    void recalculatesOneByOneWhatFailsTogether() throws Exception {
        recalculated().whenExchangeReceived(1, exchange -> {
            throw new CannotAcquireLockException("canceling statement due to lock timeout");
        });
        recalculated().expectedBodiesReceived(new CampaignSet(BOTH), BOTH.get(0), BOTH.get(1));

        template.sendBody("direct:records", List.of());

        recalculated().assertIsSatisfied();
        verify(ledger).processed("position-workers", List.of(FIRST, THIRD));
        verify(ledger).processed("position-workers", List.of(SECOND));
        verify(recorder, never()).putOffTogether(any(), any(), any());
        verify(offsets).commit(any());
    }

    @Test
    void recordsTheEventsOfACampaignThatCannotBeRecalculatedAndGoesOnWithTheOthers() throws Exception {
        recalculated().whenAnyExchangeReceived(exchange -> {
            if (!BOTH.get(1).equals(exchange.getIn().getBody())) {
                throw new CannotAcquireLockException("deadlock detected");
            }
        });
        recalculated().expectedMessageCount(3);

        template.sendBody("direct:records", List.of());

        recalculated().assertIsSatisfied();
        InOrder order = inOrder(recorder, offsets);
        order.verify(recorder)
                .putOffTogether(eq("position-workers"), eq(BOTH.get(0).newestFirst()), any(RecordBatch.class));
        order.verify(offsets).commit(any());
    }

    @Test
    void putsOffTheCampaignsOfABatchThatHasTakenTooLong() throws Exception {
        KafkaConfiguration kafka =
                camel.getComponent("kafka", KafkaComponent.class).getConfiguration();
        Integer usual = kafka.getMaxPollIntervalMs();
        kafka.setMaxPollIntervalMs(12_000); // it may take three seconds
        recalculated().whenExchangeReceived(1, exchange -> {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(3_200));
            throw new CannotAcquireLockException("deadlock detected");
        });
        recalculated().expectedMessageCount(1);
        try {
            template.sendBody("direct:records", List.of());
        } finally {
            kafka.setMaxPollIntervalMs(usual);
        }

        recalculated().assertIsSatisfied();
        InOrder order = inOrder(recorder, deadLetters, offsets);
        order.verify(recorder)
                .putOffTogether(eq("position-workers"), eq(BOTH.get(0).newestFirst()), any());
        order.verify(recorder).putOffTogether(eq("position-workers"), eq(List.of(SECOND)), any());
        order.verify(deadLetters).keep(any());
        order.verify(offsets).commit(any());
    }

    @Test
    void triesTheBatchAgainWhenTheDatabaseItselfIsInTrouble() throws Exception {
        recalculated().whenExchangeReceived(1, exchange -> {
            throw new CannotCreateTransactionException("connection refused");
        });
        recalculated().expectedBodiesReceived(new CampaignSet(BOTH), new CampaignSet(BOTH));

        template.sendBody("direct:records", List.of());

        recalculated().assertIsSatisfied();
        verify(recorder, never()).putOffTogether(any(), any(), any());
        verify(offsets).commit(any());
    }

    @Test
    void triesARecordedCampaignAgainAsAnyDelivery() {
        Delivery delivery = new Delivery(UUID.randomUUID(), "position-workers", "", FIRST, 1, 1, 1, false, false, null);
        given(ledger.begin(any(), any())).willAnswer(call -> {
            RecordBatch batch = new RecordBatch("position-workers");
            for (DomainEvent event : List.of(FIRST, SECOND, THIRD)) {
                batch.add(event, RECORD);
            }
            call.getArgument(1, Exchange.class).setProperty(DeliveryLedger.DELIVERY, delivery);
            return delivery;
        });
        recalculated().whenExchangeReceived(1, exchange -> {
            throw new CannotAcquireLockException("deadlock detected");
        });

        template.sendBody("direct:position-worker", delivery);
        template.sendBody("direct:position-worker", delivery);

        InOrder order = inOrder(ledger);
        order.verify(ledger).finish(eq(delivery), argThat(outcome -> outcome.status() == DeliveryStatus.DUE));
        order.verify(ledger).finish(delivery, Outcome.delivered());
    }

    private MockEndpoint recalculated() {
        return camel.getEndpoint("mock:recalculate", MockEndpoint.class);
    }

    private static DomainEvent verifiedIn(String campaign) {
        ReferralVerified data =
                (ReferralVerified) Events.any(EventType.REFERRAL_VERIFIED).data();
        return Events.of(new ReferralVerified(data.referralId(), data.referrerId(), data.referredId(), campaign, 1));
    }
}

package routes;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.after;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.test.spring.junit5.UseAdviceWith;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.InOrder;
import org.mockito.Mockito;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;
import routes.delivery.DeliveryLedger;
import routes.event.EventType;
import routes.event.Events;
import routes.outbox.Outbox;
import routes.outbox.OutboxBatch;

@RouteTest
@UseAdviceWith
@Import({RelayOutbox.class, InTransaction.class})
@MockitoBean(types = DeliveryLedger.class)
// The first run is soon, and not after a second; at once, it may find that the route behind it has not started.
@TestPropertySource(properties = "outbox.interval=1h&initialDelay=300")
class RelayOutboxTest {

    @Autowired
    private CamelContext camel;

    @MockitoBean
    private Outbox outbox;

    @MockitoBean
    private TransactionTemplate transaction;

    private final TransactionStatus status = Mockito.mock(TransactionStatus.class);

    @BeforeEach
    void inATransaction() throws Exception {
        willAnswer(call -> {
                    call.<java.util.function.Consumer<TransactionStatus>>getArgument(0)
                            .accept(status);
                    return null;
                })
                .given(transaction)
                .executeWithoutResult(any());
        given(outbox.isWaiting()).willReturn(true);
        given(outbox.lock()).willReturn(true);
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    @Test
    void rowsAreDeletedAfterTheBrokersHaveAcknowledgedThem() throws Exception {
        OutboxBatch batch = batch(false);
        given(outbox.next()).willReturn(batch);

        camel.start();

        verify(outbox, Mockito.timeout(60_000)).settle(batch);
        InOrder order = inOrder(outbox);
        order.verify(outbox).lock();
        order.verify(outbox).next();
        order.verify(outbox).publish(batch);
        order.verify(outbox).settle(batch);
        verify(status, never()).setRollbackOnly();
    }

    @Test
    void aFullBatchIsFollowedByTheNextWithoutAPause() {
        given(outbox.next()).willReturn(batch(true), batch(true), batch(false));

        camel.start();

        verify(outbox, Mockito.timeout(60_000).times(3)).settle(any());
        verify(outbox, after(500).times(3)).next();
    }

    @Test
    void whatIsNotAcknowledgedStays() throws Exception {
        given(outbox.next()).willReturn(batch(true));
        willThrow(new IllegalStateException("the brokers are away"))
                .given(outbox)
                .publish(any());

        camel.start();

        verify(status, Mockito.timeout(60_000).atLeast(1)).setRollbackOnly();
        verify(outbox, never()).settle(any());
        verify(outbox, after(500).times(1)).next(); // it is tried again after the interval
    }

    @Test
    void nothingIsReadWhileAnotherInstanceRelays() {
        given(outbox.lock()).willReturn(false);

        camel.start();

        verify(outbox, Mockito.timeout(60_000)).lock();
        verify(outbox, after(200).never()).next();
        verify(outbox, times(1)).lock();
    }

    @Test
    void withoutARowNoTransactionBegins() {
        given(outbox.isWaiting()).willReturn(false);

        camel.start();

        verify(outbox, Mockito.timeout(60_000)).isWaiting();
        verify(transaction, after(200).never()).executeWithoutResult(any());
    }

    @Test
    void howMuchWaitsIsSeenFromTimeToTime() {
        given(outbox.lock()).willReturn(false);

        camel.start();

        verify(outbox, Mockito.timeout(60_000).atLeast(1)).measure();
    }

    private static OutboxBatch batch(boolean full) {
        return new OutboxBatch(List.of(7L), List.of(Events.any(EventType.REFERRAL_CREATED)), Map.of(), full);
    }
}

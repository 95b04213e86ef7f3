package routes;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.after;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import java.util.List;
import java.util.Set;
import java.util.UUID;
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
import routes.position.CampaignChanges;
import routes.position.CampaignEvents;
import routes.position.Leaderboards;
import routes.position.PersonChanges;

@RouteTest
@UseAdviceWith
@Import({ApplyPersonChanges.class, InTransaction.class})
@MockitoBean(types = DeliveryLedger.class)
// The first run is soon, and not after a second; at once, it may find that the route behind it has not started.
@TestPropertySource(properties = "positions.change-interval=1h&initialDelay=300")
class ApplyPersonChangesTest {

    @Autowired
    private CamelContext camel;

    @MockitoBean
    private PersonChanges changes;

    @MockitoBean
    private Leaderboards leaderboards;

    @MockitoBean
    private TransactionTemplate transaction;

    private final TransactionStatus status = Mockito.mock(TransactionStatus.class);

    @BeforeEach
    void inATransaction() {
        willAnswer(call -> {
                    call.<java.util.function.Consumer<TransactionStatus>>getArgument(0)
                            .accept(status);
                    return null;
                })
                .given(transaction)
                .executeWithoutResult(any());
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    @Test
    void rowsAreDeletedAfterTheRecalculationAndTheNextAreTakenWithoutAPause() {
        CampaignChanges one = changes(1);
        CampaignChanges other = changes(2);
        given(changes.take()).willReturn(List.of(one), List.of(other), List.of());

        camel.start();

        verify(changes, Mockito.timeout(60_000)).delete(other);
        InOrder order = inOrder(changes, leaderboards);
        order.verify(changes).take();
        order.verify(leaderboards).recalculatePage(one.people());
        order.verify(changes).delete(one);
        order.verify(changes).take();
        order.verify(leaderboards).recalculatePage(other.people());
        order.verify(changes).delete(other);
        order.verify(changes, Mockito.timeout(60_000)).take();
        verify(changes, after(300).times(3)).take();
        verify(status, never()).setRollbackOnly();
    }

    @Test
    void aCampaignThatFailsKeepsItsRowsAndHoldsUpNoOther() {
        CampaignChanges failing = changes(1);
        CampaignChanges other = changes(2);
        given(changes.take()).willReturn(List.of(failing, other), List.of());
        willThrow(new IllegalStateException("its lock does not become free"))
                .given(leaderboards)
                .recalculatePage(failing.people());

        camel.start();

        verify(changes, Mockito.timeout(60_000)).delete(other);
        verify(changes, never()).delete(failing);
        verify(status).setRollbackOnly();
    }

    @Test
    void howMuchWaitsIsSeenFromTimeToTime() {
        given(changes.take()).willReturn(List.of());

        camel.start();

        verify(changes, Mockito.timeout(60_000).atLeast(1)).measure();
    }

    private static CampaignChanges changes(long row) {
        return new CampaignChanges(CampaignEvents.again(UUID.randomUUID(), Set.of(UUID.randomUUID())), List.of(row));
    }
}

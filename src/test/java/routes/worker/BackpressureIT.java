package routes.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.delivery.ConsumerGroup;
import routes.delivery.DeliverySettings;
import routes.delivery.Dependencies;
import routes.event.EventType;
import routes.settings.Statements;

/** Groups that have much to do, on PostgreSQL: a group that no route consumes. */
@OnPlatform
class BackpressureIT {

    private static final ConsumerGroup GROUP = ConsumerGroup.of("backpressure-test", 1, EventType.USER_SIGNED_UP);

    @Autowired
    private Statements sql;

    @Autowired
    private JdbcClient jdbc;

    private final Dependencies dependencies = mock(Dependencies.class);
    private final DeliverySettings settings = mock(DeliverySettings.class);
    private long now;

    @SuppressWarnings("NullAway.Init")
    private Backpressure backpressure;

    @BeforeEach
    void allowFour() {
        given(dependencies.missing(any())).willReturn(Optional.empty());
        given(settings.maxBacklog()).willReturn(4);
        backpressure = new Backpressure(dependencies, settings, sql, () -> now);
    }

    @AfterEach
    void forget() {
        jdbc.sql("DELETE FROM event_routes.delivery WHERE consumer_group = ?")
                .param(GROUP.name())
                .update();
    }

    @Test
    void aGroupIsHeldFromItsLimitOnUntilHalfOfItIsDone() {
        due(3);
        assertThat(isHeld()).isFalse();
        due(1);
        assertThat(isHeld()).as("at the limit").isTrue();
        assertThat(backpressure.heldBecause(GROUP.name())).contains("4 deliveries or more are due in the ledger");
        done(1);
        assertThat(isHeld()).as("below the limit").isTrue();
        done(2);
        assertThat(isHeld()).as("below half of it").isFalse();
        due(2);
        assertThat(isHeld()).as("again below the limit").isFalse();
    }

    @Test
    void whatCannotBeDoneNowOrIsInNobodysWayHoldsNoGroup() {
        due(24);
        change("due_at = now() + interval '1 hour'");
        change("waits_for = 'smtp'");
        change("lane = 'some'");
        change("recipient = id::text"); // of an announcement
        change("status = 'leased', due_at = NULL");
        change("status = 'failed', due_at = NULL");

        assertThat(isHeld()).isFalse();
    }

    /** A look that times out, as while a dump keeps a snapshot of the database open, is no reason to hold anything. */
    @Test
    void aGroupThatWasHeldForADependencyConsumesAgainAlthoughItsBacklogCannotBeCounted() {
        DataSource slow = mock(DataSource.class);
        backpressure = new Backpressure(dependencies, settings, sql.with(JdbcClient.create(slow)), () -> now += 1_000);
        given(dependencies.missing(any())).willReturn(Optional.of("smtp"));
        assertThat(isHeld()).isTrue();
        given(dependencies.missing(any())).willReturn(Optional.empty());

        assertThatThrownBy(this::isHeld).isInstanceOf(DataAccessException.class);

        assertThat(isHeld(Duration.ZERO)).isFalse();
    }

    private boolean isHeld() {
        return isHeld(Duration.ofMinutes(1));
    }

    private boolean isHeld(Duration later) {
        now += later.toNanos();
        backpressure.adjust(GROUP);
        return backpressure.isHeld(GROUP.name());
    }

    private void due(int many) {
        for (int i = 0; i < many; i++) {
            jdbc.sql("INSERT INTO event_routes.delivery (consumer_group, idempotency_key, event_id, event_type,"
                            + " campaign_id, event, status, due_at) VALUES (?, ?, 'e', 't', 'c', '{}', 'due', now())")
                    .params(GROUP.name(), UUID.randomUUID().toString())
                    .update();
        }
    }

    private void done(int many) {
        jdbc.sql("DELETE FROM event_routes.delivery WHERE id IN"
                        + " (SELECT id FROM event_routes.delivery WHERE consumer_group = ? LIMIT ?)")
                .params(GROUP.name(), many)
                .update();
    }

    /** Changes four that are like new, as many as the limit. */
    private void change(String change) {
        jdbc.sql("UPDATE event_routes.delivery SET reason = 'changed', " + change + " WHERE id IN"
                        + " (SELECT id FROM event_routes.delivery WHERE consumer_group = ? AND reason IS NULL LIMIT 4)")
                .param(GROUP.name())
                .update();
    }
}

package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.Mockito;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.settings.Statements;

@OnPlatform
@ExtendWith(OutputCaptureExtension.class)
class LedgerFiguresIT {

    @Autowired
    private ConsumerGroups groups;

    @Autowired
    private Statements sql;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    @Test
    void whatCannotBeCountedInTimeIsMissingAndIsNotTriedAgainAtOnce(CapturedOutput log) throws Exception {
        AtomicInteger looks = new AtomicInteger();
        DataSource slow = Mockito.mock(DataSource.class);
        Mockito.when(slow.getConnection()).thenAnswer(look -> {
            looks.incrementAndGet();
            Thread.sleep(Duration.ofMillis(500).toMillis());
            throw new SQLException("canceling statement due to user request", "57014");
        });
        LedgerFigures figures = new LedgerFigures(groups, slow, sql, metrics);

        figures.refresh();
        figures.refresh();
        figures.refresh();

        assertThat(looks).hasValue(1);
        assertThat(metrics.find("deliveries").gauges()).isEmpty();
        assertThat(log.getOut().lines().filter(line -> line.contains("their metrics are missing for now")))
                .hasSize(1);
    }

    /** Announcements and the lane of a receiver that is down may wait for hours: nobody has to get up for them. */
    @Test
    void onlyASingleDeliveryThatAWorkerCouldTakeHasWaited() {
        transaction.executeWithoutResult(status -> {
            status.setRollbackOnly();
            insertDue("somebody", null, null, 240);
            insertDue("", "receiver", null, 180);
            insertDue("", null, "smtp", 120);

            assertThat(due()).containsEntry("deliveries", 3L).containsEntry("oldest_due", null);

            insertDue("", null, null, 20);

            assertThat(due()).containsEntry("deliveries", 4L);
            assertThat(((Number) due().get("oldest_due")).intValue()).isEqualTo(1200);
        });
    }

    private void insertDue(String recipient, String lane, String waitsFor, int minutesAgo) {
        jdbc.sql("""
                        INSERT INTO event_routes.delivery
                            (consumer_group, idempotency_key, recipient, lane, waits_for, event_id, event_type, campaign_id,
                             event, status, due_at)
                        VALUES ('figures-workers', :key, :recipient, CAST(:lane AS text), CAST(:waits_for AS text), 'figures',
                                'figures', 'figures', CAST('{}' AS jsonb), 'due', now() - make_interval(mins => :minutes))
                        """)
                .param("key", String.valueOf(minutesAgo))
                .param("recipient", recipient)
                .param("lane", lane)
                .param("waits_for", waitsFor)
                .param("minutes", minutesAgo)
                .update();
    }

    private Map<String, Object> due() {
        return sql.of("delivery/ledger-figures", "group", "figures-workers", "limit", 10).query().listOfRows().stream()
                .filter(row -> "due".equals(row.get("status")))
                .findFirst()
                .orElseThrow();
    }
}

package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.Mockito;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import routes.OnPlatform;
import routes.settings.Statements;

@OnPlatform
@ExtendWith(OutputCaptureExtension.class)
class LedgerFiguresIT {

    @Autowired
    private ConsumerGroups groups;

    @Autowired
    private Statements sql;

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
}

package routes.operations;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryStatus;
import routes.settings.SqlFiles;

/**
 * What stands in the ledger, as metrics: counted now and then, and not at each look. While the database does not answer, nothing is
 * said, rather than what was so before.
 */
@Component
public class LedgerFigures {

    private static final Logger LOG = LoggerFactory.getLogger(LedgerFigures.class);
    private static final int TIMEOUT_SECONDS = 5;
    private static final List<DeliveryStatus> COUNTED = List.of(
            DeliveryStatus.DUE,
            DeliveryStatus.LEASED,
            DeliveryStatus.SKIPPED,
            DeliveryStatus.MANUAL,
            DeliveryStatus.FAILED);

    private final ConsumerGroups groups;
    private final JdbcClient jdbc;
    private final String figures;
    private final MultiGauge deliveries;
    private final MultiGauge oldestDue;

    LedgerFigures(ConsumerGroups groups, DataSource dataSource, SqlFiles sql, MeterRegistry metrics) {
        this.groups = groups;
        JdbcTemplate template = new JdbcTemplate(dataSource);
        template.setQueryTimeout(TIMEOUT_SECONDS);
        this.jdbc = JdbcClient.create(template);
        this.figures = sql.read("operations/ledger-figures.sql");
        this.deliveries = MultiGauge.builder("deliveries").register(metrics);
        this.oldestDue = MultiGauge.builder("deliveries.oldest.due.seconds").register(metrics);
    }

    private record Figure(
            String consumerGroup,
            String status,
            long deliveries,
            @Nullable Double oldestDue) {}

    /** Counts. Never fails: what cannot be counted is no metric. */
    public void refresh() {
        try {
            report(jdbc.sql(figures).query(Figure.class).list().stream()
                    .collect(Collectors.toMap(
                            figure -> key(figure.consumerGroup(), figure.status()), Function.identity())));
        } catch (DataAccessException e) {
            LOG.warn("What stands in the ledger is not known for now: {}", e.getMessage());
            deliveries.register(List.of(), true);
            oldestDue.register(List.of(), true);
        }
    }

    private void report(Map<String, Figure> found) {
        List<Row<?>> counts = new ArrayList<>();
        List<Row<?>> ages = new ArrayList<>();
        for (ConsumerGroup group : groups.all()) {
            for (DeliveryStatus status : COUNTED) {
                Figure figure = found.get(key(group.name(), status.value()));
                counts.add(Row.of(
                        Tags.of("group", group.name(), "status", status.value()),
                        figure == null ? 0 : figure.deliveries()));
            }
            Figure due = found.get(key(group.name(), DeliveryStatus.DUE.value()));
            ages.add(Row.of(
                    Tags.of("group", group.name()), due == null || due.oldestDue() == null ? 0 : due.oldestDue()));
        }
        deliveries.register(counts, true);
        oldestDue.register(ages, true);
    }

    private static String key(String group, String status) {
        return group + " " + status;
    }
}

package routes.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.background.Pace;
import routes.settings.SqlErrors;
import routes.settings.Statements;

/**
 * The content of the ledger, as metrics: counted from time to time, not for each scrape, and at its {@linkplain Pace pace} where that is
 * slow. While the database does not answer, there are no values rather than values that are older than a minute.
 */
@Component
public class LedgerFigures {

    private static final Logger LOG = LoggerFactory.getLogger(LedgerFigures.class);
    private static final int TIMEOUT_SECONDS = 5;

    /** More would tell an operator nothing, and make each count more expensive. */
    private static final int MOST = 50_000;

    private final ConsumerGroups groups;
    private final Statements sql;
    private final MultiGauge deliveries;
    private final MultiGauge oldestDue;
    private final Pace pace = new Pace();

    LedgerFigures(ConsumerGroups groups, DataSource dataSource, Statements sql, MeterRegistry metrics) {
        this.groups = groups;
        JdbcTemplate template = SqlErrors.template(dataSource);
        template.setQueryTimeout(TIMEOUT_SECONDS);
        this.sql = sql.with(JdbcClient.create(template));
        this.deliveries = MultiGauge.builder("deliveries").register(metrics);
        this.oldestDue = MultiGauge.builder("deliveries.oldest.due.seconds").register(metrics);
    }

    private record Figure(
            String status, long deliveries, @Nullable Double oldestDue) {}

    /** Counts, if it is time to. Never fails: it leaves out what it cannot count. */
    public void refresh() {
        try {
            if (pace.isDue()) {
                report(pace.run(this::count));
            }
        } catch (DataAccessException e) {
            LOG.warn("Could not count the ledger's deliveries; their metrics are missing for now: {}", e.getMessage());
            report(Map.of());
        }
    }

    private Map<String, List<Figure>> count() {
        Map<String, List<Figure>> found = new LinkedHashMap<>();
        for (ConsumerGroup group : groups.all()) {
            found.put(
                    group.name(),
                    sql.of("delivery/ledger-figures", "group", group.name(), "limit", MOST)
                            .query(Figure.class)
                            .list());
        }
        return found;
    }

    private void report(Map<String, List<Figure>> found) {
        List<Row<?>> counts = new ArrayList<>();
        List<Row<?>> ages = new ArrayList<>();
        found.forEach((group, figures) -> figures.forEach(figure -> {
            counts.add(Row.of(Tags.of("group", group, "status", figure.status()), figure.deliveries()));
            if (figure.status().equals(DeliveryStatus.DUE.value())) {
                ages.add(Row.of(Tags.of("group", group), figure.oldestDue() == null ? 0 : figure.oldestDue()));
            }
        }));
        deliveries.register(counts, true);
        oldestDue.register(ages, true);
    }
}

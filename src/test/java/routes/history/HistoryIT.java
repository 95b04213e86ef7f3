package routes.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.history.History.Step;
import routes.settings.Statements;

@OnPlatform
class HistoryIT {

    private static final Duration HOUR = Duration.ofHours(1);

    private final String group = "group-" + UUID.randomUUID();

    @Autowired
    private Statements sql;

    @Autowired
    private JdbcClient jdbc;

    @Test
    void whatInstancesCountInAMinuteAddsUp() {
        History one = new History(sql);
        History other = new History(sql);
        for (History some : List.of(one, other)) {
            some.ended(group, "delivered");
            some.ended(group, "failed");
            some.ended(group, "retry");
            some.done(group, Duration.ofMillis(10));
        }
        one.done(group, Duration.ofSeconds(10));
        one.behind(group, 7);
        one.behind(group, 3);
        other.behind(group, 5);

        one.destroy();
        other.destroy();

        assertThat(steps()).singleElement().satisfies(step -> {
            assertThat(step.of("delivered")).isEqualTo(2);
            assertThat(step.handled()).as("all but retries").isEqualTo(4);
            assertThat(step.lag()).as("at most").isEqualTo(7);
            assertThat(step.percentile(0.5)).isEqualTo(10);
            assertThat(step.percentile(0.99)).isEqualTo(10_000);
        });
    }

    @Test
    void aMinuteIsWrittenOnceItIsOver() {
        History history = new History(sql);
        Instant begin = Instant.now().truncatedTo(ChronoUnit.MINUTES);
        history.ended(group, "delivered");

        history.write();
        boolean sameMinute = begin.equals(Instant.now().truncatedTo(ChronoUnit.MINUTES));

        if (sameMinute) {
            assertThat(steps()).isEmpty();
        }
        history.destroy();
        history.destroy();
        assertThat(steps()).extracting(step -> step.of("delivered")).containsExactly(1);
    }

    @Test
    void whatCouldNotBeWrittenIsWrittenTheNextTime() {
        History history = new History(sql);
        history.ended(group, "delivered");
        jdbc.sql("ALTER TABLE event_routes.history RENAME TO away").update();
        try {
            history.destroy();
            assertThatThrownBy(() -> new History(sql).since(Instant.now(), HOUR))
                    .isInstanceOf(DataAccessException.class);
        } finally {
            jdbc.sql("ALTER TABLE event_routes.away RENAME TO history").update();
        }

        history.destroy();

        assertThat(steps()).extracting(step -> step.of("delivered")).containsExactly(1);
    }

    @Test
    void minutesOfAStepAreOne() {
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(HOUR);
        insert(hour, 1, 4L);
        insert(hour.plusSeconds(59 * 60), 2, null);
        insert(hour.plusSeconds(60 * 60), 4, null);

        List<Step> steps = new History(sql).since(hour, HOUR).get(group);

        assertThat(steps).extracting(Step::from).containsExactly(hour, hour.plus(HOUR));
        assertThat(steps).extracting(step -> step.of("delivered")).containsExactly(3, 4);
        assertThat(steps).extracting(Step::lag).containsExactly(4L, null);
    }

    @Test
    void whatIsOlderThanTwoDaysIsDeleted() {
        Instant old = Instant.now().minus(History.KEPT);
        insert(old.minusSeconds(1), 1, null);
        insert(old.plusSeconds(3600), 2, null);
        History history = new History(sql);
        history.ended(group, "skipped");

        history.destroy();

        assertThat(new History(sql)
                        .since(old.minus(HOUR), Duration.ofMinutes(1))
                        .get(group))
                .extracting(step -> step.of("delivered"))
                .containsExactly(2, 0);
    }

    private void insert(Instant minute, int delivered, Long lag) {
        jdbc.sql("INSERT INTO event_routes.history VALUES (?, ?, ?, 0, 0, 0, 0, ?, '{}')")
                .params(minute.atOffset(java.time.ZoneOffset.UTC), group, delivered, lag)
                .update();
    }

    private List<Step> steps() {
        return new History(sql)
                .since(Instant.now().truncatedTo(ChronoUnit.HOURS).minus(HOUR), Duration.ofHours(3))
                .getOrDefault(group, List.of());
    }
}

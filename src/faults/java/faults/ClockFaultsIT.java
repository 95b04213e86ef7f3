package faults;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What may happen to the clock of a machine; in the long form alone. */
@EnabledIfSystemProperty(named = "faults.long", matches = "true")
@ExtendWith(Stage.Provider.class)
class ClockFaultsIT {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final int JUMPS_AHEAD = 2;
    private static final Duration EACH = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Stage stage;

    ClockFaultsIT(Stage stage) {
        this.stage = stage;
    }

    @Test
    void f10AClockThatIsAnHourOffOrJumpsMakesNoRetryStorm() throws Exception {
        try (Fault fault = stage.fault("F10", "the service's clock is +-1 h, and jumps", "no retry storm, I1-I3")) {
            stage.endShared();
            ProcessClock clock = new ProcessClock("clock");
            Service.Start skewed = clock.of(stage.instance("clock"));
            Generator load = fault.load(fault.usualLoad()).start();

            for (Duration off : List.of(HOUR, HOUR.negated())) {
                clock.set(off);
                Service service = stage.start(skewed).awaitReady();
                for (Duration ahead : List.of(off, Duration.ZERO, off)) {
                    clock.set(ahead);
                    await("a webhook with the clock at " + ahead)
                            .atMost(PATIENCE)
                            .until(() -> isNow(ahead));
                    fault.longest("flowing after a jump, s", Flow.untilAllFlows(stage));
                    Flow.pause(EACH);
                    Instant asked = Instant.now();
                    await("the clock at %s: what has long been due".formatted(ahead))
                            .atMost(PATIENCE) // a clock that is waited for takes an hour
                            .until(() -> overdue() == 0);
                    fault.longest("nothing long due after, s", Duration.between(asked, Instant.now()));
                }
                fault.require(service.isAlive(), "the service has ended")
                        .longest("ended after, s", service.terminate(PATIENCE));
            }
            load.stop();
            clock.set(Duration.ZERO);
            stage.start(skewed).awaitReady();
            fault.verifier().awaitDrained(PATIENCE);

            long again = attemptsAgain(load);
            // A timeout may be over before its time, if the clock jumps while somebody waits.
            int inFlight = JUMPS_AHEAD * Stage.IN_FLIGHT;
            fault.figure("attempts after the first", again)
                    .require(
                            again <= inFlight,
                            "%d attempts were made again, %d were under way at a jump".formatted(again, inFlight))
                    .standstillAllowed(PATIENCE) // between the two there is none
                    .end(0);
        }
    }

    /** Whether what the service says to others bears this time. */
    private boolean isNow(Duration ahead) {
        Duration difference =
                Duration.between(Instant.now().plus(ahead), stage.webhooks().sentAt());
        return difference.abs().compareTo(Duration.ofMinutes(1)) < 0;
    }

    /** What should have been taken up long ago: all that is sent to many people waits there, like retries. */
    private long overdue() {
        return JdbcClient.create(stage.platform().database().dataSource())
                .sql(
                        "SELECT count(*) FROM event_routes.delivery WHERE status = 'due' AND due_at < now() - interval '20 s'")
                .query(Long.class)
                .single();
    }

    private long attemptsAgain(Generator load) {
        return JdbcClient.create(stage.platform().database().dataSource())
                .sql(
                        "SELECT coalesce(sum(attempts - 1), 0) FROM event_routes.delivery WHERE campaign_id IN (:campaigns)")
                .param(
                        "campaigns",
                        load.people().campaigns().stream()
                                .map(campaign -> campaign.id().toString())
                                .toList())
                .query(Long.class)
                .single();
    }
}

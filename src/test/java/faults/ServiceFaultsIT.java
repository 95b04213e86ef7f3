package faults;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What may happen to the service itself: killed, frozen, told to stop, more of it and less. */
@ExtendWith(Stage.Provider.class)
class ServiceFaultsIT {

    private final Stage stage;

    ServiceFaultsIT(Stage stage) {
        this.stage = stage;
    }

    @Test
    void f1KilledAtRandomMomentsItLosesNothingAndRepeatsOnlyWhatWasInFlight() throws Exception {
        int kills = Stage.rounds(3, 100);
        try (Fault fault = stage.fault("F1", "kill -9 of the service under load", "I1-I6, working again in 15 s")) {
            Random random = fault.random();
            stage.service();
            fault.load(fault.usualLoad()).start();

            for (int kill = 1; kill <= kills; kill++) {
                Service service = stage.service();
                fault.longest("working again, s", untilWorking(service));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(2_000)));
                service.kill();
            }
            fault.longest("working again, s", untilWorking(stage.service()));

            fault.figure("kills", kills).end(kills * Stage.IN_FLIGHT);
        }
    }

    private Duration untilWorking(Service service) {
        await("an effect")
                .atMost(Duration.ofSeconds(90))
                .until(() -> stage.effects().firstAfter(service.startedAt()).isPresent());
        Instant first = stage.effects().firstAfter(service.startedAt()).orElseThrow();
        return Duration.between(service.startedAt(), first);
    }
}

package faults;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import routes.dev.Platform;
import routes.dev.Ports;

/** Callers who mean to end the service; the short form is one of the tests of the executable jar. */
@EnabledIfSystemProperty(named = "faults.long", matches = "true")
@ExtendWith(Stage.Provider.class)
class HostileCallersIT {

    private static final Duration READY = Duration.ofMinutes(1);

    private final Stage stage;

    HostileCallersIT(Stage stage) {
        this.stage = stage;
    }

    @Test
    void f25HostileCallersOfEitherPortEndNothingAndEventsFlowSoonAfter() throws Exception {
        try (Fault fault = stage.fault(
                "F25", "hostile callers of either port", "the same process, ready in 1 min, a mail 10 s after")) {
            stage.endShared();
            int port = new Ports().any();
            Service service = stage.start(stage.instance("hostile").withVariable("SERVER_PORT", String.valueOf(port)))
                    .awaitReady();
            fault.load(fault.usualLoad()).start();
            for (int round = 1; round <= Stage.rounds(1, 20); round++) {
                try (HostileCallers callers = new HostileCallers(port, service.managementPort(), Platform.API_KEY)) {
                    callers.sendEndlessForms();
                    callers.sendBigHeaders(100);
                    callers.guessKeys(200);
                    callers.holdSlowBodies(100);
                    callers.holdHalfRequests(5_000);
                    Flow.pause(Duration.ofSeconds(5));
                    fault.figure("answers", callers.answers().toString());
                }
                Instant over = Instant.now();
                await("readiness, or the end of the process")
                        .atMost(READY)
                        .until(() -> !service.isAlive() || service.isReady());
                fault.require(service.isAlive(), "the process ended")
                        .longest("ready, s", Duration.between(over, Instant.now()), READY)
                        .longest("effects again, s", Flow.untilAllFlows(stage), Duration.ofSeconds(10));
            }
            fault.end(0);
        }
    }
}

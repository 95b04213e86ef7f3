package faults;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import routes.dev.KafkaServer;

/** What may happen to the broker. */
@ExtendWith(Stage.Provider.class)
class BrokerFaultsIT {

    private static final Duration FLOWING = Duration.ofSeconds(20);

    private final Stage stage;

    BrokerFaultsIT(Stage stage) {
        this.stage = stage;
    }

    @Test
    void f3AKilledBrokerLosesNothingThatItAcknowledgedAndAllFlowsAgainWhenItIsBack() throws Exception {
        int kills = Stage.rounds(1, 50);
        KafkaServer broker = stage.platform().kafka();
        try (Fault fault = stage.fault(
                "F3",
                "kill -9 of the broker under load",
                "no acknowledged event lost, flowing 20 s after it listens")) {
            Random random = fault.random();
            stage.service();
            fault.load(fault.usualLoad()).start();

            for (int kill = 1; kill <= kills; kill++) {
                Flow.pause(Duration.ofMillis(1_000 + random.nextInt(2_000)));
                broker.kill();
                Flow.pause(Duration.ofMillis(random.nextInt(2_000)));
                broker.restart();
                fault.longest("flowing after it listens, s", Flow.untilAllFlows(stage), FLOWING);
            }

            fault.figure("kills", kills).end(0);
        }
    }
}

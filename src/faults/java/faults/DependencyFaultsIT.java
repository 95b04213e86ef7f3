package faults;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import routes.dev.DatabaseServer;
import routes.dev.Platform;

/** What may happen to the servers that the service stands on, while they do not go away in order. */
@ExtendWith(Stage.Provider.class)
class DependencyFaultsIT {

    private final Stage stage;
    private final Platform platform;

    DependencyFaultsIT(Stage stage) {
        this.stage = stage;
        this.platform = stage.platform();
    }

    @Test
    void f4AFrozenBrokerEndsNobodyAndAllFlowsAgainWhenItGoesOn() throws Exception {
        int[] pauses = Stage.isLong() ? new int[] {5, 40, 120} : new int[] {5};
        for (int seconds : pauses) {
            try (Fault fault = stage.fault(
                    "F4",
                    "SIGSTOP of the broker for %d s".formatted(seconds),
                    "no exit, I4 at most the pause + 30 s")) {
                Service service = stage.service();
                fault.load(Load.of("f4-" + seconds, fault.seed())).start();
                Flow.untilAllFlows(stage);

                ServerProcesses broker = ServerProcesses.broker(platform);
                broker.freeze();
                try {
                    Flow.pause(Duration.ofSeconds(seconds));
                } finally {
                    broker.thaw();
                }
                fault.longest("flowing after it continues, s", Flow.untilAllFlows(stage));

                fault.require(service.isAlive(), "the service has ended")
                        .standstillAllowed(Duration.ofSeconds(seconds + 30))
                        .end(0);
            }
        }
    }

    /** Each build kills the database in OutageIT, which waits for no lease to end. */
    @Tag(Stage.FURTHER)
    @Test
    void f5ADatabaseThatIsKilledOrFrozenLosesNothingThatWasCommitted() throws Exception {
        int rounds = Stage.rounds(1, 50);
        Duration frozen = Duration.ofSeconds(Stage.isLong() ? 60 : 5);
        DatabaseServer database = platform.database();
        try (Fault fault = stage.fault(
                "F5",
                "PostgreSQL: kill -9, immediate stop, SIGSTOP for %d s".formatted(frozen.toSeconds()),
                "I3 exact, nothing committed without its row, pool heals in 10 s")) {
            Random random = fault.random();
            Service service = stage.service();
            fault.load(fault.usualLoad()).start();
            Duration heals = Duration.ZERO;

            for (int round = 0; round < rounds; round++) {
                Flow.pause(Duration.ofMillis(500 + random.nextInt(1_500)));
                if (round % 2 == 0) {
                    ServerProcesses.database(platform).kill();
                } else {
                    database.kill();
                }
                Flow.pause(Duration.ofMillis(random.nextInt(2_000)));
                database.restart();
                heals = longer(heals, Flow.untilAllFlows(stage));
            }
            ServerProcesses processes = ServerProcesses.database(platform);
            processes.freeze();
            try {
                Flow.pause(frozen);
            } finally {
                processes.thaw();
            }
            heals = longer(heals, Flow.untilAllFlows(stage));

            fault.figure("rounds", rounds + 1)
                    .longest("flowing after it answers, s", heals, Duration.ofSeconds(10))
                    .require(service.isAlive(), "the service has ended")
                    .standstillAllowed(frozen.plusSeconds(30))
                    .end(0);
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }
}

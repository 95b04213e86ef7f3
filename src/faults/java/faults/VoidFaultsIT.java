package faults;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What may happen while an application takes rewards back: who delivers them is killed or frozen, or its clock is set. */
@ExtendWith(Stage.Provider.class)
class VoidFaultsIT {

    /** How many races, and how many of them begin about each fault. */
    private static final int RACES = Integer.getInteger("faults.races", Stage.isLong() ? 10_000 : 120);

    private static final int AT_EACH = Stage.isLong() ? 200 : 40;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** How long the receivers take to answer once the effect has happened. */
    private static final Duration ANSWERED_AFTER = Duration.ofMillis(200);

    /** Longer than it takes until a frozen instance counts as dead, and its deliveries are begun by the other one. */
    private static final Duration FROZEN = Duration.ofMillis(2_500);

    /** How long what a process has sent may be on its way to the sinks. */
    private static final Duration ON_ITS_WAY = Duration.ofMillis(500);

    private static final int RANDOM_MILLIS = 800;

    private final Stage stage;

    /** When which process did not run. */
    private final List<Outage> outages = new ArrayList<>();

    private record Outage(String process, Instant from, Instant until) {}

    VoidFaultsIT(Stage stage) {
        this.stage = stage;
    }

    /** One of the two instances: a member of its group under one name and with one clock, however often it is started. */
    private final class Member {

        private final String name;
        private final ProcessClock clock;
        private String process = "";
        private Service service;

        /** The agent that sets its clock makes each of its starts slower. */
        private final boolean hasAgent;

        private Member(String name, boolean hasAgent) {
            this.name = name;
            this.hasAgent = hasAgent;
            this.clock = new ProcessClock("clock-" + name);
            start(1);
        }

        private void start(int nth) {
            process = "void-%s-%d".formatted(name, nth);
            Service.Start start = VoidRaces.named(process, stage.instance(process));
            service = stage.start((hasAgent ? clock.of(start) : start)
                    .withVariable("SERVICE_ROLES", "reward")
                    .withVariable("KAFKA_GROUP_INSTANCE_ID", "void-" + name)
                    .with(
                            "--deliveries.heartbeat-interval=300ms",
                            "--deliveries.heartbeat-timeout=1s",
                            "--camel.component.kafka.session-timeout-ms=6000"));
        }

        private void killAndRestart(int nth) {
            service.kill();
            outages.add(new Outage(process, Instant.now().plus(ON_ITS_WAY), Instant.MAX));
            start(nth);
        }

        private void freeze(Duration duration) {
            service.freeze();
            Instant from = Instant.now().plus(ON_ITS_WAY);
            Flow.pause(duration);
            outages.add(new Outage(process, from, Instant.now()));
            service.thaw();
        }
    }

    @Test
    void f27NoAttemptThatBeginsAfterAVoidPaysAndEachVoidThatWasTooLateIsTold() throws Exception {
        try (Fault fault = stage.fault(
                "F27",
                "an application voids rewards while one of two instances is killed (-9), frozen, or its clock set by an hour",
                "0 paid by an attempt that began after the void's commit; each void that was too late is told")) {
            stage.endShared();
            List<Member> members = List.of(new Member("a", Stage.isLong()), new Member("b", true));
            members.forEach(member -> member.service.awaitReady());
            stage.mails().answerAfter(ANSWERED_AFTER);
            stage.webhooks().answerAfter(ANSWERED_AFTER);
            try (VoidRaces races = new VoidRaces(stage, fault.seed())) {
                Random random = fault.random();
                int rounds = 0;
                while (races.size() < RACES) {
                    rounds++;
                    Member killed = members.get(Stage.isLong() ? random.nextInt(2) : 0);
                    int nth = rounds + 1;
                    amid(races, random, () -> killed.killAndRestart(nth));
                    Member set = members.get(Stage.isLong() ? random.nextInt(2) : 1);
                    Duration ahead = Duration.ofHours(random.nextBoolean() ? 1 : -1);
                    amid(races, random, () -> set.clock.set(ahead));
                    killed.service.awaitReady();
                    amid(races, random, () -> members.get(random.nextInt(2)).freeze(FROZEN));
                }
                races.awaitEnd(PATIENCE);
                members.forEach(member ->
                        fault.require(member.service.isAlive(), "the service %s has ended".formatted(member.process)));
                Findings found = races.check(this::ran, 3 * rounds * Stage.IN_FLIGHT);
                found.figures().forEach(fault::figure);
                found.violations().forEach(violation -> fault.require(false, violation));
                fault.figure("killed, frozen and set, each", rounds).end(0);
            }
        }
    }

    private boolean ran(String process, Instant moment) {
        return outages.stream()
                .noneMatch(outage -> outage.process().equals(process)
                        && moment.isAfter(outage.from())
                        && moment.isBefore(outage.until()));
    }

    /** Causes a fault at a random moment while races begin. What is still to be voided is voided soon: while the fault lasts. */
    private static void amid(VoidRaces races, Random random, Runnable fault) throws Exception {
        CompletableFuture<Void> begun = CompletableFuture.runAsync(() -> races.begin(AT_EACH));
        Flow.pause(Duration.ofMillis(random.nextInt(RANDOM_MILLIS)));
        races.hurry(FROZEN);
        fault.run();
        begun.get();
    }
}

package faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** This version and an earlier one side by side, in the same groups and on one database. */
@EnabledIfSystemProperty(
        named = UpgradeFaultsIT.EARLIER,
        matches = ".+",
        disabledReason = "It needs the executable jar of an earlier commit, -Dfaults.earlier.jar=/tmp/earlier/target/"
                + "domain-event-routes-exec.jar: git worktree add /tmp/earlier COMMIT"
                + " && (cd /tmp/earlier && ./mvnw -DskipTests package)")
@ExtendWith(Stage.Provider.class)
class UpgradeFaultsIT {

    static final String EARLIER = "faults.earlier.jar";

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration ENDED = Duration.ofSeconds(30);

    private static int started; // each has a log of its own

    private final Stage stage;
    private final JdbcClient jdbc;

    UpgradeFaultsIT(Stage stage) {
        this.stage = stage;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
    }

    /** Which comes first, of the instance that ends and the one that takes its place. */
    enum First {
        THE_END,
        THE_START
    }

    @ParameterizedTest
    @EnumSource
    void f24ARollingUpgradeFromAnEarlierVersionLosesAndRepeatsNothing(First first) throws Exception {
        try (Fault fault = stage.fault(
                "F24",
                "rolling upgrade of 2 instances from an earlier version under load, %s first".formatted(first),
                "I1-I6, no repeats")) {
            stage.endShared();
            jdbc.sql("DROP SCHEMA IF EXISTS event_routes CASCADE").update();
            List<Service> earlier = two(this::earlier);
            int migrations = migrations();
            fault.load(fault.usualLoad()).start();
            Flow.untilAllFlows(stage);
            long errors = errors(earlier);
            fault.watch().restart();

            List<Service> today = replace(earlier, this::today, first, fault);

            fault.figure("migrations", migrations() - migrations)
                    .figure("they took, s", Watch.seconds(durationOfMigrationsAfter(migrations)))
                    .figure("errors that the earlier version logged beside this one", errors(earlier) - errors);
            end(today, fault);
        }
    }

    @Test
    void f24ARollbackToAnEarlierVersionLosesAndRepeatsNothing() throws Exception {
        int rounds = Stage.rounds(1, 3);
        try (Fault fault = stage.fault(
                "F24",
                "rollback of 2 instances to an earlier version under load, and forth again",
                "I1-I6, no repeats")) {
            stage.endShared();
            List<Service> running = two(this::today);
            fault.load(fault.usualLoad()).start();
            Flow.untilAllFlows(stage);
            fault.watch().restart();

            long errors = 0;
            for (int round = 1; round <= rounds; round++) {
                List<Service> earlier = replace(running, this::earlier, First.THE_START, fault);
                running = replace(earlier, this::today, First.THE_START, fault);
                errors += errors(earlier);
            }

            fault.figure("rounds", rounds).figure("errors that the earlier version logged", errors);
            end(running, fault);
        }
    }

    private Service.Start today(String name) {
        return stage.instance("today-" + name);
    }

    private Service.Start earlier(String name) {
        return stage.instance("earlier-" + name).withJar(Path.of(System.getProperty(EARLIER)));
    }

    private List<Service> two(Function<String, Service.Start> version) {
        List<Service> two = List.of(start(version), start(version));
        two.forEach(Service::awaitReady);
        return two;
    }

    private Service start(Function<String, Service.Start> version) {
        return stage.start(version.apply(String.valueOf(++started)));
    }

    /** One after the other; returns those that run then. */
    private List<Service> replace(
            List<Service> running, Function<String, Service.Start> version, First first, Fault fault) {
        List<Service> successors = new ArrayList<>();
        for (Service service : running) {
            if (first == First.THE_END) {
                tellToStop(service, fault);
            }
            successors.add(start(version).awaitReady());
            if (first == First.THE_START) {
                pause(fault);
                tellToStop(service, fault);
            }
            fault.longest("flowing after, s", Flow.untilAllFlows(stage));
            pause(fault);
        }
        return successors;
    }

    private static void tellToStop(Service service, Fault fault) {
        fault.longest("ended after, s", service.terminate(PATIENCE), ENDED)
                .require(service.awaitEnd(Duration.ZERO) == 0, "it did not end as a success");
    }

    private static void pause(Fault fault) {
        Flow.pause(Duration.ofMillis(3_000 + fault.random().nextInt(3_000)));
    }

    /** One of them goes on, for the faults that follow. */
    private void end(List<Service> running, Fault fault) {
        tellToStop(running.get(1), fault);
        stage.share(running.get(0));
        fault.end(0);
    }

    private int migrations() {
        return jdbc.sql("SELECT max(installed_rank) FROM event_routes.flyway_schema_history")
                .query(Integer.class)
                .single();
    }

    private Duration durationOfMigrationsAfter(int rank) {
        return Duration.ofMillis(jdbc.sql(
                        "SELECT coalesce(sum(execution_time), 0) FROM event_routes.flyway_schema_history WHERE installed_rank > ?")
                .param(rank)
                .query(Long.class)
                .single());
    }

    private static long errors(List<Service> services) {
        return services.stream()
                .flatMap(service -> service.log().lines())
                .filter(line -> line.contains(" ERROR "))
                .count();
    }
}

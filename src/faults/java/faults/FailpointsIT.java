package faults;

import static org.awaitility.Awaitility.await;

import faults.Generator.Kind;
import faults.Generator.Message;
import faults.agent.Failpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.event.EventJson;

/** The service ends exactly at a step of its work, or an error is thrown there. It is known how often the effect has happened once all is done. */
@ExtendWith(Stage.Provider.class)
class FailpointsIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final String BEGIN = "routes.delivery.DeliveryLedger.begin enter";
    private static final String TRANSACTION =
            "org.springframework.jdbc.datasource.DataSourceTransactionManager.doCommit";

    /** Where the service ends, and how often the effect has happened in the end. */
    private enum Step {
        READ("routes.delivery.DeliveryRecorder.record enter", 1),
        RECORDED("routes.delivery.DeliveryRecorder.record leave", 1),
        BEFORE_COMMIT("routes.kafka.Offsets.commit enter", 1),
        COMMITTED("routes.kafka.Offsets.commit leave", 1),
        HANDED_OVER("routes.worker.HandOver.offer leave", 1),
        BEGUN("routes.delivery.DeliveryLedger.begin leave", 1),
        MAIL_SENT("routes.mail.smtp.PooledMailSender.send leave", 2),
        WEBHOOK_SENT("routes.webhook.Webhooks.answered enter", 2),
        BEFORE_OUTCOME("routes.delivery.DeliveryLedger.finish enter", 2),
        OUTCOME_WRITTEN("routes.delivery.DeliveryLedger.finish leave", 1),
        RECALCULATED(TRANSACTION + " enter", 1),
        RECALCULATION_COMMITTED(TRANSACTION + " leave", 1);

        private final String point;
        private final int effects;

        Step(String point, int effects) {
            this.point = point;
            this.effects = effects;
        }
    }

    /** The effect that is expected. */
    private enum What {
        MAIL(Kind.SIGNED_UP, "email-workers"),
        WEBHOOK(Kind.REWARD_BY_WEBHOOK, "reward-workers"),
        POSITION(Kind.REFERRAL_VERIFIED, "position-workers");

        private final Kind kind;
        private final String group;

        What(Kind kind, String group) {
            this.kind = kind;
            this.group = group;
        }
    }

    private record Case(Step step, What what) {

        /** The rules that end the service in this case, for this event alone. */
        List<String> halt(Message message) {
            String halt = Failpoints.halt(step.point, what.group, message.eventId());
            // Handed over is in the queue: a worker that took it at once would be at the next step.
            return step == Step.HANDED_OVER
                    ? List.of(halt, Failpoints.hold(BEGIN, what.group, message.eventId()))
                    : List.of(halt);
        }

        /** The rules that leave it there until the service ends in another case. */
        List<String> hold(Message message) {
            return List.of(Failpoints.hold(step.point, what.group, message.eventId()));
        }

        @Override
        public String toString() {
            return what + " " + step;
        }
    }

    /**
     * Every state that a step leaves behind where something might be lost or done twice, for one effect; in an order in which none keeps
     * the next from its step. Together in one process, which ends at the last.
     */
    private static final List<Case> SOME = List.of(
            new Case(Step.OUTCOME_WRITTEN, What.WEBHOOK),
            new Case(Step.BEGUN, What.WEBHOOK),
            new Case(Step.COMMITTED, What.WEBHOOK),
            new Case(Step.MAIL_SENT, What.MAIL),
            new Case(Step.RECALCULATION_COMMITTED, What.POSITION));

    private final Stage stage;
    private final JdbcClient jdbc;
    private final Failpoints failpoints = new Failpoints(Stage.file(""));

    FailpointsIT(Stage stage) {
        this.stage = stage;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
    }

    /** It counts others as dead after a second, which a busy machine may make of anyone: no instance for the faults that follow. */
    @AfterAll
    static void endShared(Stage stage) {
        stage.endShared();
    }

    /** Every step for every effect that passes it, each in a process of its own. */
    private static List<List<Case>> all() {
        List<Case> all = new ArrayList<>();
        for (What what : List.of(What.MAIL, What.WEBHOOK)) {
            Stream.of(Step.values())
                    .filter(step -> step != (what == What.MAIL ? Step.WEBHOOK_SENT : Step.MAIL_SENT))
                    .filter(step -> step.compareTo(Step.RECALCULATED) < 0)
                    .forEach(step -> all.add(new Case(step, what)));
        }
        Stream.of(Step.RECALCULATED, Step.RECALCULATION_COMMITTED, Step.BEFORE_COMMIT, Step.COMMITTED)
                .forEach(step -> all.add(new Case(step, What.POSITION)));
        return all.stream().map(List::of).toList();
    }

    @Test
    void f2EndedAtAnyStepEachEffectComesAboutAsOftenAsThatStepSays() throws Exception {
        stage.endShared();
        keepChangesOfPositions();
        try (Fault fault = stage.fault("F2", "halted at steps of its work", "the exact count of each step")) {
            Generator load = fault.load(fault.usualLoad());
            int repeatsAllowed = 0;
            List<Runnable> checks = new ArrayList<>();
            for (List<Case> cases : Stage.isLong() ? all() : List.of(SOME)) {
                Map<Case, Message> messages = new LinkedHashMap<>();
                cases.forEach(each -> messages.put(each, load.prepared(each.what().kind)));
                Service service = stage.start(start()).awaitReady();
                // What the last process left undone, this one does, before it ends at events of its own.
                fault.verifier().awaitDrained(PATIENCE);
                failpoints.set(service, rules(messages));
                checks.forEach(Runnable::run);
                checks.clear();
                messages.forEach((each, message) -> checks.add(check(fault, each, message)));

                for (var each : messages.entrySet()) {
                    load.publish(each.getValue());
                    await(each.getKey().toString())
                            .atMost(PATIENCE)
                            .until(() -> !service.isAlive()
                                    || service.log()
                                            .contains("Failpoint: hold hold at "
                                                    + each.getKey().step().point));
                    // Rewards and referrals are also mails of another group, which may be in flight.
                    repeatsAllowed +=
                            each.getKey().step().effects - 1 + (each.getKey().what() == What.MAIL ? 0 : 1);
                }

                int code = service.awaitEnd(PATIENCE);
                fault.require(code == Failpoint.EXIT_CODE, "%s: the service ended with %d".formatted(cases, code));
            }
            stage.share(stage.start(start()).awaitReady());
            fault.verifier().awaitDrained(PATIENCE);
            checks.forEach(Runnable::run);

            fault.end(repeatsAllowed);
        }
    }

    /** All are held at their steps but the last, which ends the service. */
    private static List<String> rules(Map<Case, Message> messages) {
        List<String> rules = new ArrayList<>();
        int last = messages.size() - 1;
        messages.forEach(
                (each, message) -> rules.addAll(rules.size() == last ? each.halt(message) : each.hold(message)));
        return rules;
    }

    /** What is to be looked at when all has been done that the service left undone. */
    private Runnable check(Fault fault, Case each, Message message) {
        int before = count(each.what(), message);
        return () -> {
            int effects = count(each.what(), message) - before;
            fault.figure(each.toString(), effects)
                    .require(
                            effects == each.step().effects,
                            "%s: %d effects instead of %d".formatted(each, effects, each.step().effects));
        };
    }

    /**
     * A step that each thread of a kind takes again and again, as long as the service lives.
     *
     * @param threads how many of them have an error, once each; where they are replaced, no more than a new one may have
     */
    private record Passage(String point, int threads) {}

    /** Readers, what runs at intervals, workers, and those of Kafka's clients; the first ones in the short form. */
    private static final List<Passage> PASSAGES = List.of(
            new Passage("routes.kafka.EventConsumer.read enter", 3),
            new Passage("routes.delivery.Heartbeats.gone enter", 1),
            new Passage("routes.delivery.Dependency.ask enter", 2),
            new Passage("routes.kafka.BatchReader.read enter", 3),
            new Passage("routes.delivery.DeliveryRecorder.record enter", 2),
            new Passage("routes.kafka.Offsets.commit enter", 3),
            new Passage("routes.consumer.Lags.refresh enter", 1),
            new Passage("routes.worker.Backpressure.adjust enter", 1),
            new Passage("routes.delivery.DeliveryLedger.takeDue enter", 1),
            new Passage("routes.worker.HandOver.reclaimStrays enter", 1),
            new Passage("routes.outbox.Outbox.isWaiting enter", 1),
            new Passage("routes.delivery.DeliveryLedger.begin enter", 2 * Stage.WORKERS),
            new Passage("routes.mail.smtp.PooledMailSender.send enter", Stage.WORKERS),
            new Passage("routes.webhook.WebhookLanes.awaitConnection enter", Stage.WORKERS),
            new Passage("routes.webhook.WebhookLanes.tick enter", 1),
            new Passage("routes.delivery.DeliveryLedger.finish enter", 2 * Stage.WORKERS),
            new Passage(TRANSACTION + " enter", Stage.WORKERS),
            new Passage(
                    "org.apache.kafka.clients.consumer.internals.AbstractCoordinator.sendHeartbeatRequest enter", 3),
            new Passage("org.apache.kafka.clients.admin.internals.AdminMetadataManager.metadataFetchDelayMs enter", 1),
            new Passage("org.apache.kafka.clients.producer.internals.Sender.runOnce enter", 2));

    private static final List<Class<? extends Error>> ERRORS =
            List.of(OutOfMemoryError.class, StackOverflowError.class, NoClassDefFoundError.class);

    /** Every point at which a test of this class ends the service or throws an error. */
    static List<String> points() {
        return Stream.concat(
                        Stream.of(Step.values()).map(step -> step.point),
                        PASSAGES.stream().map(Passage::point))
                .distinct()
                .toList();
    }

    @Test
    void f23AnErrorEndsNoThread() throws Exception {
        try (Fault fault = stage.fault(
                "F23",
                "an Error in each kind of thread",
                "each thread takes the step again within a minute, and all flows")) {
            Service service = stage.service();
            Generator load = fault.load(fault.usualLoad());
            if (Stage.isLong()) {
                load.start();
            }

            for (Passage passage : Stage.isLong() ? PASSAGES : PASSAGES.subList(0, ERRORS.size())) {
                int at = PASSAGES.indexOf(passage);
                for (Class<? extends Error> error : Stage.isLong() ? ERRORS : List.of(ERRORS.get(at))) {
                    failpoints.set(
                            service, List.of(Failpoints.fail(passage.point(), error.getName(), passage.threads())));
                    fault.longest(
                            "threads come by again after, s", untilItGoesOn(service, passage.point(), error.getName()));
                }
            }
            if (!Stage.isLong()) {
                load.publish(100);
                fault.verifier().awaitDrained(PATIENCE);
            }
            fault.require(service.isUp("live") && service.isUp("ready"), "the process is not live or not ready")
                    // What was thrown between an effect and its outcome: by every thread once, for each error.
                    .end(Stage.isLong() ? 10 * Stage.IN_FLIGHT : 0);
        }
    }

    private static Duration untilItGoesOn(Service service, String point, String error) {
        Instant start = Instant.now();
        String words = "%s at %s".formatted(error, point);
        await("after " + words).atMost(Duration.ofMinutes(2)).until(() -> service.log()
                .contains("Failpoint: goes on " + words));
        return Duration.between(start, Instant.now());
    }

    /** An instance that comes back to its partitions at once, and is soon found to be gone. */
    private Service.Start start() {
        return stage.instance("service-f2")
                .with(
                        "--camel.component.kafka.group-instance-id=f2",
                        "--deliveries.heartbeat-interval=300ms",
                        "--deliveries.heartbeat-timeout=1s");
    }

    /** How often the effect that the event asks for has happened. */
    private int count(What what, Message message) {
        if (what == What.POSITION) {
            return jdbc.sql("SELECT count(*) FROM change_of_position WHERE id = :person")
                    .param("person", referrer(message))
                    .query(Integer.class)
                    .single();
        }
        String effect = message.effects().get(message.effects().size() - 1);
        return (int) stage.effects().list().stream()
                .filter(each -> each.key().equals(effect))
                .count();
    }

    private static UUID referrer(Message message) {
        try {
            return UUID.fromString(EventJson.mapper()
                    .readTree(message.record().value())
                    .at("/data/referrer_id")
                    .asText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A recalculation that changes nothing leaves no trace: the database counts those that do. */
    private void keepChangesOfPositions() {
        for (String statement : List.of("CREATE TABLE IF NOT EXISTS change_of_position (id uuid)", """
                CREATE OR REPLACE FUNCTION keep_change_of_position() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO change_of_position VALUES (new.id); RETURN new; END $$
                """, """
                CREATE OR REPLACE TRIGGER change_of_position AFTER UPDATE OF position ON waitlist_users
                FOR EACH ROW WHEN (new.position IS DISTINCT FROM old.position)
                EXECUTE FUNCTION keep_change_of_position()
                """)) {
            jdbc.sql(statement).update();
        }
    }
}

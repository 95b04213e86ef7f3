package faults;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.event.EventData.ReferralCreated;
import routes.event.EventJson;
import routes.event.Events;

/**
 * Whether anything grows while the service works for hours: {@code -Dfaults.soak.minutes=150}, {@code -Dfaults.soak.rate=40} events per
 * second. Campaigns come and go, with their people, rewards and webhooks, as they do in years: what is kept for each of them, or for each
 * event, shows as growth.
 */
@EnabledIfSystemProperty(named = "faults.long", matches = "true")
@EnabledOnOs(value = OS.LINUX, disabledReason = "looks into /proc")
@ExtendWith(Stage.Provider.class)
class SoakIT {

    private static final Duration ALL = Duration.ofMinutes(Integer.getInteger("faults.soak.minutes", 150));
    private static final int RATE = Integer.getInteger("faults.soak.rate", 40);

    /** With campaigns of its own, and a sample at its end, when all is done: what is in hand is no growth. */
    private static final Duration ROUND = shorter(Duration.ofMinutes(2), ALL.dividedBy(30));

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int REFUSED_EACH = 10;

    /** Of each round: vacuum looks at the outbox after 5,000. */
    private static final int OUTBOX_ROWS = 500;

    private static final List<String> PAGES = List.of(
            "/",
            "/groups",
            "/deliveries",
            "/campaigns",
            "/deadletters",
            "/webhooks",
            "/outbox",
            "/audit",
            "/history",
            "/observe/consumers");

    private final Stage stage;
    private final JdbcClient jdbc;

    SoakIT(Stage stage) {
        this.stage = stage;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    @Test
    void f28NothingGrowsWhileItWorksForHours() throws Exception {
        try (Fault fault = stage.fault(
                "F28",
                "%d min of %d events per second, campaigns come and go".formatted(ALL.toMinutes(), RATE),
                "what it takes grows by 2 % at most")) {
            stage.endShared();
            Path temporary = Files.createDirectories(Stage.file("soak-tmp").toAbsolutePath());
            Service service = stage.start(start(temporary)).awaitReady();
            Samples samples = new Samples(service, stage, "soak", temporary);
            Instant end = Instant.now().plus(ALL);
            int acknowledged = 0;
            int rounds = 0;

            while (true) {
                Generator load = fault.load(fault.usualLoad().withRate(RATE));
                load.start();
                someFail();
                Flow.pause(ROUND.dividedBy(2));
                operate(service, load);
                Flow.pause(ROUND.dividedBy(2));
                load.stop();
                fault.verifier().awaitDrained(PATIENCE);
                samples.take(Instant.now().isBefore(end.minus(ALL.dividedBy(2))));
                rounds++;
                acknowledged += load.acknowledged().size();
                if (Instant.now().isAfter(end)) {
                    break; // the last is verified below
                }
                fault.and(fault.verifier().verify(load, 0));
                endOf(load, service);
                load.close();
            }

            fault.and(samples.growth())
                    .figure("rounds", rounds)
                    .figure("acknowledged in all rounds", acknowledged)
                    .require(count("event_outbox") == 0, "rows are left in the outbox")
                    .and(troubles())
                    .end(0);
        }
    }

    private Service.Start start(Path temporary) {
        Service.Start start = stage.instance("soak");
        String url = stage.platform().database().url();
        for (var setting : stage.platform().mailbox().entrySet()) {
            if (setting.getKey().startsWith("BOUNCES_")) {
                start = start.withVariable(setting.getKey(), setting.getValue());
            }
        }
        return start.withVariable("DB_URL", url + (url.contains("?") ? "&" : "?") + "ApplicationName=soak")
                .withVariable("LEDGER_PURGE_AFTER", "1h")
                .withVariable("OUTCOME_EVENTS", "true")
                // What happens every few hours is to happen, too.
                .with("--deliveries.purge-interval=10s", "--positions.repair-interval=10m")
                // The heap's pages are there from the start: what the process takes more is outside of it.
                .withJvm(
                        "-Xms256m",
                        "-XX:+AlwaysPreTouch",
                        "-XX:NativeMemoryTracking=summary",
                        "-Djava.io.tmpdir=" + temporary);
    }

    /** Receivers and the SMTP server: a while all of the calls, then some of all. */
    private void someFail() {
        stage.mails().refuseEach(REFUSED_EACH);
        stage.webhooks().refuseEach(1);
        Flow.pause(shorter(Duration.ofSeconds(3), ROUND));
        stage.webhooks().refuseEach(REFUSED_EACH);
    }

    /** Somebody looks at the pages, and the application writes into the outbox. */
    private void operate(Service service, Generator load) {
        String campaign = load.people().campaigns().get(0).id().toString();
        PAGES.forEach(page -> ask(service, page, null));
        ask(service, "/campaigns/" + campaign, null);
        String event = Events.json(
                        Events.of(new ReferralCreated(Events.id(), Events.id(), Events.id(), campaign)), json -> {})
                .toString();
        jdbc.sql("INSERT INTO event_routes.event_outbox (event) SELECT CAST(? AS jsonb) FROM generate_series(1, ?)")
                .params(event, OUTBOX_ROWS)
                .update();
    }

    /** Asks again if the machine stands still for so long that an answer is 503, as it may in hours. */
    private static String ask(Service service, String path, @Nullable String json) {
        return await(path)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> service.ask(path, json), answer -> !answer.isEmpty());
    }

    /** Rewards by hand are handed over, people leave, and the application deletes the campaigns. */
    private void endOf(Generator load, Service service) throws Exception {
        ObjectNode done = EventJson.mapper()
                .createObjectNode()
                .put("action", "done")
                .put("group", "reward-workers")
                .put("status", "manual");
        JsonNode plan = EventJson.mapper().readTree(ask(service, "/observe/deliveries", done.toString()));
        done.put("reason", "handed over")
                .put("before", plan.path("before").asText())
                .put("expected", plan.path("deliveries").asInt())
                .put("dryRun", false);
        ask(service, "/observe/deliveries", done.toString());

        List<UUID> campaigns =
                load.people().campaigns().stream().map(People.Campaign::id).toList();
        update("""
                WITH people AS (
                    UPDATE waitlist_users SET deleted_at = now() WHERE campaign_id IN (:campaigns) RETURNING id, campaign_id
                )
                INSERT INTO event_routes.person_change (campaign_id, user_id) SELECT campaign_id, id FROM people
                """, campaigns);
        await("people have left their boards").atMost(PATIENCE).until(() -> count("person_change") == 0);
        for (String table : List.of("user_rewards", "waitlist_users", "webhooks", "rewards")) {
            update("DELETE FROM %s WHERE campaign_id IN (:campaigns)".formatted(table), campaigns);
        }
        update("DELETE FROM campaigns WHERE id IN (:campaigns)", campaigns);
        // The ledger keeps its rows for an hour at least, in which they would only become more; and the points that
        // events named.
        update(
                "UPDATE event_routes.campaign_points SET as_of = as_of - interval '1 hour' WHERE campaign_id IN (:campaigns)",
                campaigns);
        update("""
                UPDATE event_routes.delivery
                SET created_at = created_at - interval '1 hour', updated_at = updated_at - interval '1 hour'
                WHERE campaign_id IN (:campaigns)
                """, campaigns.stream().map(UUID::toString).toList());
    }

    /** What the service does in the background, and failed at. */
    private static Findings troubles() throws IOException {
        try (Stream<String> lines = Files.lines(Stage.file("soak.log"))) {
            return Findings.none()
                    .violated(
                            "in the log",
                            lines.filter(line -> line.contains(" ERROR ")
                                            || line.matches(".* WARN .*(will be retried|was not repaired).*"))
                                    .map(line -> line.substring(0, Math.min(300, line.length())))
                                    .toList());
        }
    }

    private void update(String sql, List<?> campaigns) {
        jdbc.sql(sql).param("campaigns", campaigns).update();
    }

    private long count(String table) {
        return jdbc.sql("SELECT count(*) FROM event_routes." + table)
                .query(Long.class)
                .single();
    }
}

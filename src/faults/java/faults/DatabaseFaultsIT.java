package faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import faults.Generator.Kind;
import faults.Generator.Message;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.PgBouncer;
import routes.dev.DatabaseServer;

/** What may happen to a database that is there: to its logins and rights, its clock, its locks and limits, and by its moving elsewhere. */
@Tag(Stage.FURTHER)
@ExtendWith(Stage.Provider.class)
class DatabaseFaultsIT {

    private static final Duration LASTS = Duration.ofSeconds(Stage.isLong() ? 60 : 1);
    private static final Duration GOES_ON = Duration.ofSeconds(10);
    private static final Duration FAILED_OVER = Duration.ofSeconds(30);
    private static final Duration RESCUED = Duration.ofSeconds(20);
    /** Each route, each group and the heartbeat say once that they cannot go on. */
    private static final int LINES_A_MINUTE = 20;

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** Further than an instance may be silent; what is written to the ledger meanwhile is due only when the clock has come there. */
    private static final Duration AHEAD = Duration.ofSeconds(15);

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration OPEN = Duration.ofMinutes(30);

    /** Those of the application. */
    private static final List<String> TABLES =
            List.of("campaigns", "rewards", "webhooks", "waitlist_users", "user_rewards");

    private final Stage stage;
    private final JdbcClient jdbc;
    private final ServiceRole role;

    DatabaseFaultsIT(Stage stage) {
        this.stage = stage;
        this.jdbc = JdbcClient.create(stage.platform().database().dataSource());
        this.role = new ServiceRole(stage);
    }

    private interface Change {
        void make() throws Exception;
    }

    /**
     * What happens, and how it ends.
     *
     * @param unready whether the service says meanwhile that it is not ready
     * @param goesOn within which time all flows when it has ended
     */
    private record Trouble(String name, Change begin, Change end, boolean unready, Duration goesOn) {}

    @Test
    void f17ToF21WhatIsTakenAwayOrSetLosesNothingAndAllGoesOnByItself() throws Exception {
        try (Fault fault = stage.fault(
                        "F17 to F21",
                        "PostgreSQL: password, rights, clock, only reading, locks, limits; SMTP: login; %d s each"
                                .formatted(LASTS.toSeconds()),
                        "goes on 10 s after, a failover 30 s; at most 20 lines a minute; 0 repeats");
                DatabaseClock clock = new DatabaseClock(stage);
                Connection application =
                        stage.platform().database().dataSource().getConnection()) {
            Service service = service();
            fault.load(Load.of(stage.loadName("f17-database"), fault.seed())).start();
            Flow.untilAllFlows(stage);
            for (Trouble trouble : troubles(clock, application)) {
                long before = warnings(service);
                trouble.begin().make();
                try {
                    Flow.pause(LASTS);
                    if (trouble.unready()) {
                        await(trouble.name()).atMost(Duration.ofSeconds(15)).until(() -> !service.isReady());
                    }
                } finally {
                    trouble.end().make();
                }
                long lines = warnings(service) - before;
                fault.longest(
                                "flowing after %s, s".formatted(trouble.name()),
                                Flow.untilAllFlows(stage),
                                trouble.goesOn())
                        .figure("lines: " + trouble.name(), lines)
                        .require(
                                lines <= LINES_A_MINUTE * Math.max(1, LASTS.toMinutes()),
                                "%d lines in %s: %s".formatted(lines, LASTS, trouble.name()));
            }
            fault.require(service.isAlive(), "the service has ended")
                    .standstillAllowed(LASTS.plusSeconds(30))
                    .end(0);
        } finally {
            role.resetAll();
        }
    }

    private List<Trouble> troubles(DatabaseClock clock, Connection application) {
        Trouble password =
                new Trouble("another password", role::takePassword, role::givePassword, Stage.isLong(), GOES_ON);
        Trouble rights = new Trouble("no rights", role::takeRights, role::giveRights, true, GOES_ON);
        Trouble mail = new Trouble(
                "no login to SMTP",
                () -> stage.mails().refuseLogins(true),
                () -> stage.mails().refuseLogins(false),
                false,
                GOES_ON);
        Trouble readOnly = new Trouble(
                "a server that can only be read", () -> readOnly(true), () -> readOnly(false), true, FAILED_OVER);
        Trouble sessions = new Trouble(
                "sessions that can only read",
                () -> role.set("default_transaction_read_only", "on"),
                role::resetAll,
                true,
                FAILED_OVER);
        Trouble few = new Trouble(
                "three sessions at most", () -> role.limitSessions(3), () -> role.limitSessions(-1), false, GOES_ON);
        Trouble settings = new Trouble("limits and serializable", this::limit, () -> {}, false, GOES_ON);
        if (Stage.isLong()) {
            return List.of(password, rights, mail, readOnly, sessions, few, settings);
        }
        Trouble held = new Trouble(
                "rewards that the application holds, and a clock %d s ahead, and back".formatted(AHEAD.toSeconds()),
                () -> {
                    hold(application, List.of("SELECT FROM user_rewards FOR NO KEY UPDATE"));
                    clock.set(AHEAD);
                },
                () -> {
                    clock.set(Duration.ZERO);
                    application.rollback();
                },
                false,
                GOES_ON);
        return List.of(password, rights, mail, readOnly, held, settings);
    }

    private void readOnly(boolean on) {
        role.execute("ALTER SYSTEM SET default_transaction_read_only = " + on);
        role.execute("SELECT pg_reload_conf()");
    }

    /** To the end of the test. */
    private void limit() {
        role.set("statement_timeout", "5s");
        role.set("lock_timeout", "1s");
        role.set("default_transaction_isolation", "serializable");
    }

    @Test
    @EnabledIfSystemProperty(named = "faults.long", matches = "true")
    void f18TheClockOfTheDatabaseIsSetAndNothingIsDoneTwiceAndNoRescueIsLate() throws Exception {
        try (Fault fault = stage.fault(
                "F18", "the database's clock is set under load, two instances", "0 repeats, rescue within 20 s")) {
            Service one = service();
            List<UUID> before = instances();
            Service other = stage.start(instance("service-role-2")).awaitReady();
            UUID others = instances().stream()
                    .filter(id -> !before.contains(id))
                    .findFirst()
                    .orElseThrow();
            Generator load = fault.load(fault.usualLoad()).start();
            try (DatabaseClock clock = new DatabaseClock(stage)) {
                Flow.untilAllFlows(stage);
                for (Duration ahead : List.of(MINUTE, Duration.ZERO, MINUTE.negated(), Duration.ZERO, DAY, MINUTE)) {
                    clock.set(ahead);
                    Flow.pause(Duration.ofSeconds(30));
                    fault.longest("flowing after the clock is set, s", Flow.untilAllFlows(stage), GOES_ON);
                }
                List<String> effects = stage.effects().list().stream()
                        .filter(effect -> load.people().know(effect.key()))
                        .map(Effect::id)
                        .toList();
                long repeats = effects.size() - effects.stream().distinct().count();
                fault.figure("repeats by the clock", repeats)
                        .require(repeats == 0, "I2: %d effects were repeated".formatted(repeats));

                stage.webhooks().answerAfter(Duration.ofSeconds(1));
                await("something under way").atMost(PATIENCE).until(() -> leasedTo(others) > 0);
                other.kill();
                clock.set(Duration.ZERO); // back, in the moment in which it dies
                Instant died = Instant.now();
                stage.webhooks().answerAfter(Duration.ZERO);
                await("what it held is due again").atMost(PATIENCE).until(() -> leasedTo(others) == 0);
                fault.longest("rescued after, s", Duration.between(died, Instant.now()), RESCUED);
            }
            fault.require(one.isAlive(), "the service has ended").end(Stage.IN_FLIGHT);
        }
    }

    private List<UUID> instances() {
        return jdbc.sql("SELECT id FROM event_routes.instance")
                .query(UUID.class)
                .list();
    }

    private long leasedTo(UUID instance) {
        return jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE status = 'leased' AND lease_owner = ?")
                .param(instance)
                .query(Long.class)
                .single();
    }

    @Test
    @EnabledIfSystemProperty(named = "faults.long", matches = "true")
    void f21BehindAPoolerItDoesTheSame(@TempDir Path directory) throws Exception {
        assumeThat(PgBouncer.isOnThePath()).as("pgbouncer is on the path").isTrue();
        DatabaseServer database = stage.platform().database();
        stage.service(); // the tables are to be there
        stage.endShared();
        for (String mode : List.of("session", "transaction")) {
            try (Fault fault = stage.fault("F21", "PgBouncer, pool_mode = " + mode, "works");
                    PgBouncer pooler = PgBouncer.start(directory, database.url(), mode, 0)) {
                boolean shares = mode.equals("transaction");
                Service service = stage.start(migratedByOwner(stage.instance("pooled-" + mode))
                                .withVariable("DB_URL", pooler.url() + (shares ? "?prepareThreshold=0" : "")))
                        .awaitReady();
                fault.load(Load.of(stage.loadName("f21-" + mode), fault.seed())).start();
                Flow.untilAllFlows(stage);
                Flow.pause(LASTS);
                fault.require(service.isAlive(), "the service has ended").end(0);
            }
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "faults.long", matches = "true")
    void f20TheApplicationHoldsItsRowsAndItsTablesAndOthersDoNotNotice() throws Exception {
        try (Fault fault = stage.fault(
                        "F20",
                        "the application's locks: rows of each table, ALTER TABLE, VACUUM FULL, a long transaction; %d s each"
                                .formatted(LASTS.toSeconds()),
                        "0 repeats, intake and other campaigns go on");
                Generator held = new Generator(
                        Load.of("f20-held", fault.seed()), stage, Stage.file("f20-held-acknowledged.tsv"));
                Connection application =
                        stage.platform().database().dataSource().getConnection()) {
            Service service = service();
            List<Message> events = Stream.of(Kind.values())
                    .filter(kind -> kind != Kind.MILESTONE)
                    .flatMap(kind -> Stream.generate(() -> held.prepared(kind)).limit(5))
                    .toList();
            fault.load(fault.usualLoad()).start();
            Flow.untilAllFlows(stage);

            hold(application, rowsOf(held.people().campaigns()));
            events.forEach(held::send);
            Flow.pause(LASTS);
            fault.longest("others flow while rows are held, s", Flow.untilAllFlows(stage), GOES_ON);
            application.rollback();
            fault.longest("flowing after, s", Flow.untilAllFlows(stage), GOES_ON);

            for (String table : TABLES) {
                hold(application, List.of("ALTER TABLE %s ADD COLUMN added integer".formatted(table)));
                Flow.pause(LASTS.dividedBy(TABLES.size()));
                application.rollback();
            }
            fault.longest("flowing after, s", Flow.untilAllFlows(stage), GOES_ON);
            if (Stage.isLong()) {
                hold(application, List.of("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT FROM campaigns"));
                try (Connection vacuum =
                                stage.platform().database().dataSource().getConnection();
                        Statement statement = vacuum.createStatement()) {
                    for (String table : TABLES) {
                        statement.execute("VACUUM FULL " + table);
                    }
                }
                Flow.pause(OPEN);
                application.rollback();
            }
            held.stop();
            fault.require(service.isAlive(), "the service has ended")
                    .standstillAllowed(LASTS.plusSeconds(30))
                    .end(0);
            List<String> wrong = fault.verifier().verify(held, 0).violations();
            assertThat(wrong).as("the campaigns whose rows were held").isEmpty();
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "faults.long", matches = "true")
    void f19AStandbyASecondBehindBecomesThePrimaryAndWhatThatCostsIsKnown() throws Exception {
        stage.endShared();
        DatabaseServer database = stage.platform().database();
        int port = URI.create(database.url().substring("jdbc:".length())).getPort();
        try (Fault fault = stage.fault("F19", "a standby a second behind becomes the primary", "flowing 30 s after");
                Standby standby = Standby.of(stage);
                Generator load = new Generator(
                        Load.of(stage.loadName("f19"), fault.seed()), stage, Stage.file("f19-acknowledged.tsv"))) {
            Service service = stage.start(stage.instance("failover")
                            .with("--deliveries.early-for=5s")
                            .withVariable(
                                    "DB_URL",
                                    "jdbc:postgresql://localhost:%d,localhost:%d/%s?targetServerType=primary"
                                            .formatted(port, standby.port(), DatabaseServer.NAME)))
                    .awaitReady();
            load.start();
            Flow.untilAllFlows(stage);
            load.stop();
            List<Message> events = Stream.of(Kind.values())
                    .filter(kind -> kind != Kind.MILESTONE)
                    .flatMap(kind -> Stream.generate(() -> load.prepared(kind)).limit(12))
                    .toList();
            String position = jdbc.sql("SELECT CAST(pg_current_wal_lsn() AS text)")
                    .query(String.class)
                    .single();
            await("the standby has the events' rows").atMost(PATIENCE).until(() -> standby.isAt(position));
            standby.stopFollowing();
            events.forEach(load::send);
            Flow.pause(Duration.ofSeconds(1));
            ServerProcesses.database(stage.platform()).kill();
            standby.promote();
            try (Proxy unused = Proxy.on(port, standby.port()); // for those who know but one
                    Generator after = new Generator(
                            Load.of(stage.loadName("f19"), fault.seed() + 1), stage, Stage.file("f19-after.tsv"))) {
                after.start();
                fault.longest("flowing after, s", Flow.untilAllFlows(stage), FAILED_OVER);
                after.stop();
                fault.verifier().awaitDrained(PATIENCE);
                Findings cost = fault.verifier().verify(load, 0);
                cost.figures().forEach(fault::figure);
                int lost = (Integer) Objects.requireNonNull(cost.figures().get("lost"));
                int repeated = (Integer) Objects.requireNonNull(cost.figures().get("repeated under the same id"));
                int ofTheSecond = 2 * events.size();
                fault.require(service.isAlive(), "the service has ended")
                        .require(
                                lost + repeated <= ofTheSecond,
                                "%d effects lost and %d repeated, of the %d of that second"
                                        .formatted(lost, repeated, ofTheSecond));
                service.close();
            }
            standby.handOver(ServerProcesses.databaseDirectory(stage.platform()));
            database.restart();
            fault.end(0);
        }
    }

    private static void hold(Connection application, List<String> statements) throws SQLException {
        application.setAutoCommit(false);
        try (Statement statement = application.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    /** All that there is of some campaigns, as an update would lock it. */
    private static List<String> rowsOf(List<People.Campaign> campaigns) {
        String ids = campaigns.stream()
                .map(campaign -> "'%s'".formatted(campaign.id()))
                .collect(Collectors.joining(","));
        return TABLES.stream()
                .map(table -> "SELECT FROM %s WHERE %s IN (%s) FOR NO KEY UPDATE"
                        .formatted(table, table.equals("campaigns") ? "id" : "campaign_id", ids))
                .toList();
    }

    /** The instance that faults share, with the role of its own and a login to the SMTP server. */
    private Service service() {
        Service service = stage.start(instance("service-role")).awaitReady();
        stage.share(service);
        return service;
    }

    /** An instance with the role of its own, beside that of the tables' owner, and a login to the SMTP server. */
    private Service.Start instance(String name) {
        return migratedByOwner(role.of(stage.instance(name)))
                .withVariable("SMTP_USERNAME", "service")
                .withVariable("SMTP_PASSWORD", "known-to-both");
    }

    private Service.Start migratedByOwner(Service.Start start) {
        return start.with(
                "--spring.flyway.url=" + stage.platform().database().url(),
                "--spring.flyway.user=" + DatabaseServer.NAME,
                "--spring.flyway.password=" + DatabaseServer.NAME);
    }

    private static long warnings(Service service) {
        return service.log()
                .lines()
                .filter(line -> (line.contains(" WARN ") || line.contains("ERROR "))
                        && !line.contains("DeadLetters") // of what the load has in it
                        && !line.contains("OutcomeReport")) // of the attempts that were under way
                .count();
    }
}

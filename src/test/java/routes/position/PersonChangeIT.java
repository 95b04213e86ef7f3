package routes.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.Pipeline;
import routes.event.EventData;
import routes.event.Events;
import routes.position.PositionSettings.Mode;
import routes.position.RandomCampaign.Person;

/**
 * Somebody is banned or deleted, or comes back, and the application says so in {@code person_change}. Nothing else tells the service:
 * boards are not repaired for hours. Most boards are more than a page.
 */
@OnPlatform
@ExtendWith(OutputCaptureExtension.class)
@TestPropertySource(
        properties = {
            "positions.mode=rank",
            "positions.page-size=25",
            "positions.change-interval=50ms",
            "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*"
        })
class PersonChangeIT {

    private static final String BAN = "status = 'blocked'";
    private static final String RETURN = "status = 'active', deleted_at = NULL";

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private ProducerTemplate template;

    @Autowired
    private CamelContext camel;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private PersonChanges changes;

    @Autowired
    private Leaderboards leaderboards;

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final Random random = new Random(seed);

    @Autowired
    private PlatformTransactionManager transactions;

    private final List<RandomCampaign> boards = new ArrayList<>();

    @BeforeEach
    void poll() throws Exception {
        camel.getRouteController().startRoute("person-changes");
    }

    @AfterEach
    void forget() {
        jdbc.sql("DELETE FROM event_routes.person_change").update();
        boards.forEach(RandomCampaign::delete);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void whoIsBannedOrDeletedLeavesTheBoardAndWhoComesBackIsOnItAgain(Mode mode) {
        RandomCampaign board = board(mode, 120);
        UUID person = first(board);

        for (String change : List.of(BAN, RETURN, "deleted_at = now()", RETURN)) {
            change(board, person, change);

            awaitRight(mode, board);
            assertThat(isOn(board, person)).as(change).isEqualTo(change.equals(RETURN));
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void whoseRowIsGoneLeavesTheBoardToo(Mode mode) {
        RandomCampaign board = board(mode, 60);
        UUID person = first(board);

        transaction.executeWithoutResult(status -> {
            jdbc.sql("DELETE FROM waitlist_users WHERE id = ?").param(person).update();
            say(board, person);
        });

        awaitRight(mode, board);
        assertThat(isOn(board, person)).isFalse();
    }

    @Test
    void whatIsRolledBackWasNeverSaid() {
        RandomCampaign board = board(Mode.RANK, 30);
        UUID person = first(board);
        transaction.executeWithoutResult(status -> {
            change(board, person, BAN);
            status.setRollbackOnly();
        });
        change(board, last(board), BAN);

        awaitRight(Mode.RANK, board);

        assertThat(isOn(board, person)).isTrue();
    }

    /** Its row has a lower id than those that were done meanwhile: a mark on the last one would pass it over. */
    @Test
    void aTransactionThatCommitsLateIsNotPassedOver() throws Exception {
        RandomCampaign board = board(Mode.RANK, 60);
        UUID person = first(board);
        CountDownLatch inserted = new CountDownLatch(1);
        CountDownLatch commit = new CountDownLatch(1);
        CompletableFuture<Void> late = CompletableFuture.runAsync(() -> transaction.executeWithoutResult(status -> {
            change(board, person, BAN);
            inserted.countDown();
            waitFor(commit);
        }));
        waitFor(inserted);
        change(board, last(board), BAN);
        awaitRight(Mode.RANK, board);
        assertThat(isOn(board, person)).isTrue();

        commit.countDown();
        late.get(60, TimeUnit.SECONDS);

        awaitRight(Mode.RANK, board);
        assertThat(isOn(board, person)).isFalse();
    }

    @Test
    void rowsThatNameNobodyOfTheirCampaignAreDeletedAndLoggedOnceAndHoldUpNobody(CapturedOutput output) {
        RandomCampaign board = board(Mode.RANK, 60);
        RandomCampaign other = board(Mode.FORMULA, 20);
        UUID nobody = UUID.randomUUID();
        UUID nowhere = UUID.randomUUID();
        UUID elsewhere = first(other);
        UUID person = first(board);

        transaction.executeWithoutResult(status -> {
            say(board.id(), nobody);
            say(nowhere, person);
            say(board.id(), elsewhere);
            change(board, person, BAN);
        });

        awaitRight(Mode.RANK, board);
        assertThat(isOn(board, person)).isFalse();
        assertThat(isOn(other, elsewhere)).isTrue();
        assertThat(output.getAll())
                .containsOnlyOnce("campaign %s has no person %s".formatted(board.id(), nobody))
                .containsOnlyOnce("campaign %s has no person %s".formatted(nowhere, person))
                .containsOnlyOnce("campaign %s has no person %s".formatted(board.id(), elsewhere));
    }

    @Test
    void aCampaignWhoseConfigIsWrongKeepsItsRowsUntilItIsRightAndHoldsUpNoOther(CapturedOutput output) {
        RandomCampaign board = board(Mode.RANK, 60);
        RandomCampaign other = board(Mode.RANK, 60);
        UUID person = first(board);
        UUID otherPerson = first(other);
        setMode(board, "random");
        transaction.executeWithoutResult(status -> {
            change(board, person, BAN);
            change(other, otherPerson, BAN);
        });

        awaitRight(Mode.RANK, other);
        assertThat(isOn(board, person)).isTrue();
        assertThat(output.getAll())
                .containsOnlyOnce("the board of campaign %s was not recalculated".formatted(board.id()));

        setMode(board, "rank");
        halfAMinuteLater();
        awaitRight(Mode.RANK, board);
        assertThat(isOn(board, person)).isFalse();
    }

    @Test
    void manyRowsOfACampaignThatWaitKeepNoOtherWaiting() throws Exception {
        camel.getRouteController().stopRoute("person-changes");
        RandomCampaign board = board(Mode.RANK, 60);
        RandomCampaign other = board(Mode.RANK, 60);
        board.people().forEach(person -> change(board, person.id(), BAN)); // two pages and more
        List<CampaignChanges> waiting;
        do {
            waiting = changes.take();
        } while (!waiting.isEmpty());
        change(other, first(other), BAN);
        halfAMinuteLater();

        assertThat(changes.take())
                .extracting(change -> change.people().campaignId())
                .contains(other.id().toString());
    }

    /** The look at the people of a batch, or of an erasure, is the last one for hours. */
    @Test
    void whoCouldNotBeRecalculatedNowIsLookedAtAgain(CapturedOutput output) {
        RandomCampaign board = board(Mode.RANK, 60);
        UUID person = first(board);
        ban(person);
        new TransactionTemplate(transactions).executeWithoutResult(status -> {
            jdbc.sql("SELECT pg_advisory_xact_lock(hashtext(?))")
                    .param(board.id().toString())
                    .query()
                    .singleRow();
            lookAt(person);
            await().atMost(Duration.ofSeconds(40)).until(() -> wasNotRepaired(board, output));
        });

        await().atMost(Duration.ofSeconds(40)).until(() -> !isOn(board, person));
    }

    /** Else a typo in a campaign's config would be looked at for good, with all of its people. */
    @Test
    void whoWouldFailAgainIsNotLookedAtAgain(CapturedOutput output) {
        RandomCampaign board = board(Mode.RANK, 60);
        UUID person = first(board);
        ban(person);
        setMode(board, "random");
        lookAt(person);

        await().until(() -> wasNotRepaired(board, output));

        await().during(Duration.ofMillis(500))
                .until(() -> jdbc.sql("SELECT count(*) FROM event_routes.recent_people WHERE ? = ANY (people)")
                                .param(person)
                                .query(Integer.class)
                                .single()
                        == 0);
        setMode(board, "rank");
    }

    private void ban(UUID person) {
        jdbc.sql("UPDATE waitlist_users SET status = 'blocked' WHERE id = ?")
                .param(person)
                .update();
    }

    /** As after a batch that names a person. In a transaction of its own. */
    private void lookAt(UUID person) {
        TransactionTemplate own = new TransactionTemplate(transactions);
        own.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        own.executeWithoutResult(status -> jdbc.sql(
                        "INSERT INTO event_routes.recent_people (people, due_at) VALUES (ARRAY[CAST(? AS uuid)], now())")
                .param(person)
                .update());
    }

    private static boolean wasNotRepaired(RandomCampaign board, CapturedOutput output) {
        return output.getAll().contains("The board of campaign %s was not repaired".formatted(board.id()));
    }

    @Test
    void twoInstancesShareTheRowsAndTheBoardIsRight() throws Exception {
        RandomCampaign board = board(Mode.RANK, 120);
        camel.getRouteController().stopRoute("person-changes");
        board.people().stream().limit(40).forEach(person -> change(board, person.id(), BAN));

        List<CompletableFuture<List<Long>>> instances = IntStream.range(0, 2)
                .mapToObj(instance -> CompletableFuture.supplyAsync(() -> {
                    List<Long> rows = new ArrayList<>();
                    for (List<CampaignChanges> taken = changes.take(); !taken.isEmpty(); taken = changes.take()) {
                        taken.forEach(campaign -> {
                            rows.addAll(campaign.rows());
                            template.sendBody("direct:apply-person-changes", campaign);
                        });
                    }
                    return rows;
                }))
                .toList();

        List<Long> rows =
                instances.stream().flatMap(taken -> taken.join().stream()).toList();
        assertThat(rows).hasSize(40).doesNotHaveDuplicates();
        awaitRight(Mode.RANK, board);
    }

    @Test
    void aCrashBeforeTheCommitChangesNothingAndTheRowIsTakenAgain() throws Exception {
        RandomCampaign board = board(Mode.RANK, 60);
        UUID person = first(board);
        Map<UUID, Long> before = board.positions();
        camel.getRouteController().stopRoute("person-changes");
        change(board, person, BAN);
        CampaignChanges taken = changes.take().get(0);

        transaction.executeWithoutResult(status -> {
            leaderboards.recalculatePage(taken.people());
            changes.delete(taken);
            status.setRollbackOnly();
        });

        assertThat(isOn(board, person)).isTrue();
        assertThat(board.positions()).isEqualTo(before);
        assertThat(changes.take()).as("nobody else has them for half a minute").isEmpty();
        changes.measure();
        assertThat(pipeline.operate("metrics", null).body())
                .containsPattern("domain_events_person_changes_waiting\\{.*} 1.0")
                .doesNotContainPattern("domain_events_person_changes_lag_seconds\\{.*} 0\\.0\n");

        halfAMinuteLater();
        camel.getRouteController().startRoute("person-changes");
        awaitRight(Mode.RANK, board);
        assertThat(isOn(board, person)).isFalse();
    }

    @RepeatedTest(2)
    void underALoadOfReferralsEveryBoardIsInTheEndThatOfAFullRecalculation() {
        Map<RandomCampaign, Mode> load =
                Map.of(board(Mode.RANK, 150), Mode.RANK, board(Mode.FORMULA, 60), Mode.FORMULA);

        load.keySet().stream()
                .flatMap(board -> Stream.of(
                        CompletableFuture.runAsync(() -> refer(board)), CompletableFuture.runAsync(() -> ban(board))))
                .toList()
                .forEach(CompletableFuture::join);

        load.forEach((board, mode) -> {
            awaitRight(mode, board);
            assertThat(leaderboards.verify(board.id(), 1)).contains(List.of());
        });
    }

    private void refer(RandomCampaign board) {
        for (int i = 0; i < 60; i++) {
            List<EventData> counted = Objects.requireNonNull(transaction.execute(status -> board.countSeveral(random)));
            if (!counted.isEmpty()) {
                template.sendBody(
                        "direct:recalculate-positions",
                        new CampaignEvents(
                                board.id().toString(),
                                counted.stream().map(Events::of).toList()));
            }
        }
    }

    private void ban(RandomCampaign board) {
        for (int i = 0; i < 60; i++) {
            List<Person> people = board.people();
            Person person = people.get(random.nextInt(people.size()));
            String change = person.takesPart() ? random.nextBoolean() ? BAN : "deleted_at = now()" : RETURN;
            change(board, person.id(), change);
        }
    }

    @Test
    void theTriggerThatIsThereToCopySaysWhoLeavesAndReturnsAndNothingElse() throws Exception {
        RandomCampaign board = board(Mode.RANK, 1);
        UUID person = board.people().get(0).id();
        String script = Files.readString(Path.of("examples/sql/position/person-change.sql"));
        List<Integer> rows = new ArrayList<>();

        transaction.executeWithoutResult(
                status -> { // nobody else sees it
                    jdbc.sql("UPDATE waitlist_users SET status = 'active', deleted_at = NULL WHERE id = ?")
                            .param(person)
                            .update();
                    jdbc.sql(script).update();
                    for (String statement : List.of(
                            "UPDATE waitlist_users SET status = 'verified', position = 7 WHERE id = ?",
                            "UPDATE waitlist_users SET status = 'blocked' WHERE id = ?",
                            "UPDATE waitlist_users SET deleted_at = now() WHERE id = ?",
                            "UPDATE waitlist_users SET status = 'active', deleted_at = NULL WHERE id = ?",
                            "DELETE FROM waitlist_users WHERE id = ?")) {
                        jdbc.sql(statement).param(person).update();
                        rows.add(jdbc.sql(
                                        "SELECT count(*) FROM event_routes.person_change WHERE campaign_id = ? AND user_id = ?")
                                .params(board.id(), person)
                                .query(Integer.class)
                                .single());
                    }
                    status.setRollbackOnly();
                });

        assertThat(rows).containsExactly(0, 1, 1, 2, 3);
    }

    /** A board that has been ranked, and of which no pages are left. */
    private RandomCampaign board(Mode mode, int people) {
        RandomCampaign board =
                RandomCampaign.create(jdbc, random, "{\"position_mode\": \"%s\"}".formatted(mode.value()), people);
        boards.add(board);
        template.sendBody(
                "direct:recalculate-positions", CampaignEvents.whole(board.id().toString()));
        awaitRight(mode, board);
        return board;
    }

    private void setMode(RandomCampaign board, String mode) {
        jdbc.sql(
                        "UPDATE campaigns SET referral_config = jsonb_build_object('position_mode', CAST(? AS text)) WHERE id = ?")
                .params(mode, board.id())
                .update();
    }

    /** As the application does it: the change and the row in one transaction. */
    private void change(RandomCampaign board, UUID person, String change) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("UPDATE waitlist_users SET " + change + " WHERE id = ?")
                    .param(person)
                    .update();
            say(board, person);
        });
    }

    private void say(RandomCampaign board, UUID person) {
        say(board.id(), person);
    }

    private void say(UUID campaign, UUID person) {
        jdbc.sql("INSERT INTO event_routes.person_change (campaign_id, user_id) VALUES (?, ?)")
                .params(campaign, person)
                .update();
    }

    private void halfAMinuteLater() {
        jdbc.sql("UPDATE event_routes.person_change SET taken_at = taken_at - interval '31 seconds'")
                .update();
    }

    private UUID first(RandomCampaign board) {
        return standing(board, "ASC");
    }

    private UUID last(RandomCampaign board) {
        return standing(board, "DESC");
    }

    private UUID standing(RandomCampaign board, String order) {
        return jdbc.sql("SELECT user_id FROM event_routes.standing WHERE campaign_id = ? ORDER BY score " + order
                        + ", created_at " + order + ", user_id " + order + " LIMIT 1")
                .param(board.id())
                .query(UUID.class)
                .single();
    }

    private boolean isOn(RandomCampaign board, UUID person) {
        return jdbc.sql("SELECT count(*) FROM event_routes.standing WHERE campaign_id = ? AND user_id = ?")
                        .params(board.id(), person)
                        .query(Integer.class)
                        .single()
                > 0;
    }

    /** Waits until nothing is said of the board any more and no pages of it are left; then everybody on it has to be right. */
    private void awaitRight(Mode mode, RandomCampaign board) {
        await().until(() ->
                jdbc.sql("""
                        SELECT NOT EXISTS (SELECT FROM event_routes.person_change WHERE campaign_id = :id)
                           AND EXISTS (SELECT FROM event_routes.leaderboard WHERE campaign_id = :id AND go_on_at IS NULL)
                        """).param("id", board.id()).query(Boolean.class).single());
        List<Person> people = board.people();
        assertThat(board.positions()).as("seed %d", seed).isEqualTo(RandomCampaign.model(people, mode, 1));
        assertThat(new TreeSet<>(jdbc.sql("SELECT user_id FROM event_routes.standing WHERE campaign_id = ?")
                        .param(board.id())
                        .query(UUID.class)
                        .list()))
                .as("seed %d", seed)
                .isEqualTo(new TreeSet<>(people.stream()
                        .filter(Person::takesPart)
                        .map(Person::id)
                        .toList()));
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(120, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

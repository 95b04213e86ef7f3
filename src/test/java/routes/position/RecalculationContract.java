package routes.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionTemplate;
import routes.delivery.DeliveryException;
import routes.event.DomainEvent;
import routes.event.EventData;
import routes.event.EventData.ReferralVerified;
import routes.event.Events;
import routes.position.RandomCampaign.Person;

/** What holds of a recalculation whatever a position is. Each mode has a context, and a class, of its own. */
@ExtendWith(OutputCaptureExtension.class)
abstract class RecalculationContract {

    private static final Instant NOON = Instant.parse("2026-02-01T12:00:00Z");

    @Autowired
    private ProducerTemplate template;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private DataSource database;

    @Autowired
    private PositionSettings settings;

    @Autowired
    private Positions positions;

    @Autowired
    private Leaderboards leaderboards;

    @Autowired
    private TransactionTemplate transaction;

    final List<RandomCampaign> campaigns = new ArrayList<>();
    final long seed = ThreadLocalRandom.current().nextLong();
    final Random random = new Random(seed);

    @AfterEach
    void forget() {
        campaigns.forEach(RandomCampaign::delete);
    }

    @RepeatedTest(5)
    void pointsOfTheCampaignCountBeforeThoseOfAnEvent() {
        int points = random.nextInt(4);
        RandomCampaign campaign = campaign("{\"points_per_referral\": %d}".formatted(points));

        assertRecalculates(campaign, points, event(campaign, NOON, 3 - points));
    }

    @RepeatedTest(5)
    void pointsOfTheLatestEventCountWhereTheCampaignNamesNone() {
        int points = random.nextInt(4);
        RandomCampaign campaign = campaign("{}");

        assertRecalculates(
                campaign,
                points,
                event(campaign, NOON.minusSeconds(1), points + 1),
                event(campaign, NOON, points),
                event(campaign, NOON.minusSeconds(2), points + 2),
                event(campaign, NOON.plusSeconds(1), null));
    }

    @RepeatedTest(5)
    void aReferralIsWorthOnePlaceWhereNobodySaysOtherwise() {
        RandomCampaign campaign = campaign("{}");

        assertRecalculates(campaign, 1, event(campaign, NOON, null));
    }

    @Test
    void anOlderEventBringsNoOldPointsBack() {
        RandomCampaign campaign = campaign("{}");
        recalculate(campaign, event(campaign, NOON, 3));

        assertRecalculates(campaign, 3, event(campaign, NOON.minusSeconds(60), 2));
    }

    @Test
    void aNewerEventBringsNewPoints() {
        RandomCampaign campaign = campaign("{}");
        recalculate(campaign, event(campaign, NOON, 3));

        assertRecalculates(campaign, 2, event(campaign, NOON.plusSeconds(60), 2));
    }

    @Test
    void aProducersClockThatIsAheadPinsNoPoints() {
        RandomCampaign campaign = campaign("{}");
        recalculate(campaign, event(campaign, Instant.now().plus(Duration.ofHours(23)), 5));

        assertRecalculates(campaign, 2, event(campaign, Instant.now().plusSeconds(1), 2));
    }

    @Test
    void aRecalculationThatChangesNothingWritesNothing() {
        RandomCampaign campaign = campaign("{}");
        recalculate(campaign, event(campaign, NOON, null));
        List<String> before = versions(campaign);

        recalculate(campaign, event(campaign, NOON, null));
        assertThat(versions(campaign)).as("seed %d", seed).isEqualTo(before);

        template.sendBody(
                "direct:recalculate-positions",
                CampaignEvents.whole(campaign.id().toString()));
        assertThat(versions(campaign)).as("seed %d, all of it", seed).isEqualTo(before);
    }

    @RepeatedTest(3)
    void aMailSaysThePositionThatTheRecalculationIsGoingToGive() {
        RandomCampaign campaign = campaign("{}");
        DomainEvent event = event(campaign, NOON, 2);
        Map<UUID, Long> model = RandomCampaign.model(campaign.people(), settings.mode(), 2);

        assertThat(campaign.people())
                .as("seed %d", seed)
                .filteredOn(Person::takesPart)
                .allSatisfy(person ->
                        assertThat(positions.of(event, person.id().toString())).isEqualTo(model.get(person.id())));
    }

    @RepeatedTest(3)
    void aMailSaysItAlsoWhereABoardStands() {
        RandomCampaign campaign = RandomCampaign.create(jdbc, random, "{}", 40);
        campaigns.add(campaign);
        recalculate(campaign, event(campaign, NOON, 2));

        for (int i = 0; i < 15; i++) {
            UUID person = campaign.count(random);
            DomainEvent event = event(campaign, NOON, 2, person);
            Map<UUID, Long> model = RandomCampaign.model(campaign.people(), settings.mode(), 2);

            assertThat(positions.of(event, person.toString()))
                    .as("before the recalculation, seed %d", seed)
                    .isEqualTo(model.get(person));
            assertRecalculates(campaign, 2, event);
            assertThat(positions.of(event, person.toString()))
                    .as("after the recalculation, seed %d", seed)
                    .isEqualTo(model.get(person));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"campaign-uuid", "00000000-0000-4000-8000-000000000000"})
    void aCampaignThatThereIsNotFailsForGoodAndWithoutALogOfIt(String id, CapturedOutput output) {
        CampaignEvents events =
                CampaignEvents.of(Events.of(new ReferralVerified(Events.id(), Events.id(), Events.id(), id, 1)));

        assertThatThrownBy(() -> template.sendBody("direct:recalculate-positions", events))
                .hasRootCauseInstanceOf(DeliveryException.Permanent.class)
                .hasRootCauseMessage(
                        "there is no campaign " + id + (id.startsWith("0") ? "" : ": its id is not a UUID"));

        assertThat(output).as("what becomes of it is for the caller to say").doesNotContain("DeliveryException");
    }

    @Test
    void isExactAfterTheLastOfManyThatRanWhileTheApplicationCounted() {
        RandomCampaign campaign = campaign("{}");
        List<Person> people = campaign.people();
        AtomicBoolean counting = new AtomicBoolean(true);
        List<CompletableFuture<Void>> recalculations = List.of(
                CompletableFuture.runAsync(() -> recalculateWhile(counting, campaign, people)),
                CompletableFuture.runAsync(() -> recalculateWhile(counting, campaign, people)));

        for (int i = 0; i < 300; i++) {
            jdbc.sql("UPDATE waitlist_users SET verified_referral_count = verified_referral_count + 1 WHERE id = ?")
                    .param(people.get(random.nextInt(people.size())).id())
                    .update();
        }
        counting.set(false);
        recalculations.forEach(CompletableFuture::join);

        // The application publishes an event after each count, so the last recalculation hears of everybody.
        assertRecalculates(
                campaign,
                2,
                people.stream()
                        .map(person -> event(campaign, NOON, 2, person.id()))
                        .toArray(DomainEvent[]::new));
    }

    /** Two instances during a rebalance: both have records of both campaigns, and no order holds between them. */
    @RepeatedTest(2)
    void isExactAfterTheLastBatchOfSeveralInstancesWhateverTheApplicationDidMeanwhile() {
        List<RandomCampaign> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            both.add(RandomCampaign.create(jdbc, random, "{\"points_per_referral\": 2}", 30));
        }
        campaigns.addAll(both);
        BlockingQueue<DomainEvent> published = new LinkedBlockingQueue<>();
        AtomicBoolean changing = new AtomicBoolean(true);
        List<CompletableFuture<Void>> instances = List.of(
                CompletableFuture.runAsync(() -> recalculateBatches(changing, published)),
                CompletableFuture.runAsync(() -> recalculateBatches(changing, published)));
        List<CompletableFuture<Void>> applications = both.stream()
                .map(campaign -> CompletableFuture.runAsync(() -> changeAndPublish(campaign, published)))
                .toList();

        applications.forEach(CompletableFuture::join);
        changing.set(false);
        instances.forEach(CompletableFuture::join);

        for (RandomCampaign campaign : both) {
            repair(campaign);
            assertThat(campaign.positions())
                    .as("seed %d", seed)
                    .isEqualTo(RandomCampaign.model(campaign.people(), settings.mode(), 2));
        }
    }

    /** Publishes after the commit, as the application does. */
    private void changeAndPublish(RandomCampaign campaign, BlockingQueue<DomainEvent> published) {
        for (int i = 0; i < 60; i++) {
            published.add(Events.of(campaign.change(random, 2)));
            List<EventData> counted =
                    Objects.requireNonNull(transaction.execute(status -> campaign.countSeveral(random)));
            counted.forEach(data -> published.add(Events.of(data)));
        }
    }

    private void recalculateBatches(AtomicBoolean changing, BlockingQueue<DomainEvent> published) {
        while (changing.get() || !published.isEmpty()) {
            List<DomainEvent> batch = new ArrayList<>();
            published.drainTo(batch, 1 + random.nextInt(10));
            Campaigns sorted = new Campaigns();
            sorted.sets(sorted.coalesce(batch))
                    .forEach(together -> template.sendBody("direct:recalculate-campaigns", together));
        }
    }

    @RepeatedTest(4)
    void afterEachBatchEveryPositionIsThatOfTheModelWhateverCameInBetween() {
        RandomCampaign campaign = RandomCampaign.create(jdbc, random, "{}", 20 + random.nextInt(180));
        RandomCampaign other = campaign("{}");
        campaigns.add(campaign);
        int points = 1 + random.nextInt(3);
        recalculate(campaign, event(campaign, NOON, points));
        recalculate(other, event(other, NOON, null));
        Map<UUID, Long> undisturbed = other.positions();

        for (int batch = 1; batch <= 25; batch++) {
            List<DomainEvent> events = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                events.add(new DomainEvent(
                        Events.id(),
                        campaign.id().toString(),
                        campaign.change(random, points),
                        NOON.plusSeconds(batch)));
            }
            if (random.nextInt(10) == 0) {
                points = random.nextInt(5);
                events.add(event(campaign, NOON.plusSeconds(batch).plusMillis(1), points));
            }
            events.add(events.get(random.nextInt(events.size()))); // a duplicate
            Collections.shuffle(events, random);

            assertRecalculates(campaign, points, events.toArray(DomainEvent[]::new));
        }
        assertThat(other.positions()).isEqualTo(undisturbed);
    }

    /** With modes of their own, points of their own, and boards that are seen for the first time in between. */
    @RepeatedTest(3)
    void afterEachBatchOfSeveralCampaignsEachIsThatOfItsModel() {
        List<Ranked> boards = new ArrayList<>();
        for (int batch = 0; batch < 12; batch++) {
            if (boards.size() < 4) {
                PositionSettings.Mode own =
                        random.nextBoolean() ? PositionSettings.Mode.RANK : PositionSettings.Mode.FORMULA;
                RandomCampaign next = RandomCampaign.create(
                        jdbc, random, "{\"position_mode\": \"%s\"}".formatted(own.value()), 1 + random.nextInt(20));
                campaigns.add(next);
                boards.add(new Ranked(next, own, random.nextInt(4)));
            }
            List<DomainEvent> events = new ArrayList<>();
            for (Ranked board : boards) {
                events.add(event(board.campaign(), NOON, board.points()));
                for (int i = random.nextInt(4); i >= 0; i--) {
                    events.add(Events.of(board.campaign().change(random, board.points())));
                }
            }
            Collections.shuffle(events, random);

            template.sendBody("direct:recalculate-positions", new CampaignSet(new Campaigns().coalesce(events)));

            assertThat(boards).as("seed %d", seed).allSatisfy(board -> assertThat(
                            board.campaign().positions())
                    .isEqualTo(RandomCampaign.model(board.campaign().people(), board.mode(), board.points())));
        }
    }

    /** A campaign with a mode of its own, and what its events say that a referral is worth. */
    private record Ranked(RandomCampaign campaign, PositionSettings.Mode mode, int points) {}

    @Test
    void whoseLockIsHeldOrWhoseDataIsBadHoldsUpNoOtherOfItsBatch() {
        List<RandomCampaign> well = List.of(campaign("{}"), campaign("{}"), campaign("{}"));
        RandomCampaign unknownMode = campaign("{\"position_mode\": \"random\"}");
        RandomCampaign noNumber = campaign("{\"points_per_referral\": \"many\"}");
        RandomCampaign locked = campaign("{}");
        List<DomainEvent> events =
                campaigns.stream().map(campaign -> event(campaign, NOON, 2)).toList();
        CampaignSet batch = new CampaignSet(new Campaigns().coalesce(events));

        CompletableFuture<Void> recalculation = Objects.requireNonNull(transaction.execute(status -> {
            jdbc.sql("SELECT pg_advisory_xact_lock(hashtext(?))")
                    .param(locked.id().toString())
                    .query()
                    .singleRow();
            CompletableFuture<Void> begun =
                    CompletableFuture.runAsync(() -> template.sendBody("direct:recalculate-campaigns", batch));
            await().until(() -> well.stream().allMatch(this::isRight));
            // If the batch fails, each campaign has its own turn: that one, too.
            await("while another has its lock").during(Duration.ofSeconds(2)).until(() -> !isRight(locked));
            return begun;
        }));

        assertThat(recalculation).succeedsWithin(Duration.ofMinutes(2));
        await("also if it has not waited for its lock that long, and was put off")
                .until(() -> isRight(locked));
        for (RandomCampaign bad : List.of(unknownMode, noNumber)) {
            assertThat(jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE campaign_id = ?")
                            .param(bad.id().toString())
                            .query(Long.class)
                            .single())
                    .isEqualTo(1);
        }
    }

    /** As the application is asked to do, too: otherwise each could hold a row that the other waits for. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theApplicationsRowsAreLockedInTheOrderOfId(boolean inPages) throws SQLException {
        RandomCampaign campaign = RandomCampaign.create(jdbc, random, "{}", 20);
        campaigns.add(campaign);
        Set<UUID> people = campaign.people().stream().map(Person::id).collect(Collectors.toSet());
        UUID first = people.stream().min(Comparator.comparing(UUID::toString)).orElseThrow();
        // In the order of the board that one is the last.
        change(campaign, "deleted_at = NULL, status = 'active', original_position = 100");
        jdbc.sql("UPDATE waitlist_users SET original_position = ? WHERE id = ?")
                .params(inPages ? 1_000 : -1_000, first)
                .update();
        recalculate(campaign, event(campaign, NOON, null));
        if (inPages) {
            change(campaign, "position = position + 5000");
        } else { // everybody else moves on by one, and by the formula by five
            change(campaign, "original_position = original_position + 5");
            jdbc.sql("UPDATE waitlist_users SET original_position = 1000 WHERE id = ?")
                    .param(first)
                    .update();
        }
        String id = campaign.id().toString();
        CampaignEvents request = inPages ? CampaignEvents.whole(id) : CampaignEvents.again(campaign.id(), people);

        try (Connection application = database.getConnection()) {
            application.setAutoCommit(false);
            JdbcClient its = JdbcClient.create(new SingleConnectionDataSource(application, true));
            its.sql("SELECT FROM waitlist_users WHERE id = ? FOR UPDATE")
                    .param(first)
                    .query()
                    .listOfRows();
            int holder = its.sql("SELECT pg_backend_pid()").query(Integer.class).single();
            CompletableFuture<Void> recalculation =
                    CompletableFuture.runAsync(() -> template.sendBody("direct:recalculate-positions", request));
            await().until(() -> jdbc.sql(
                            "SELECT count(*) > 0 FROM pg_stat_activity WHERE ? = ANY (pg_blocking_pids(pid))")
                    .param(holder)
                    .query(Boolean.class)
                    .single());

            assertThat(jdbc.sql("SELECT id FROM waitlist_users WHERE campaign_id = ? FOR UPDATE SKIP LOCKED")
                            .param(campaign.id())
                            .query(UUID.class)
                            .list())
                    .as("seed %d", seed)
                    .hasSize(19);

            application.rollback();
            recalculation.join();
        }
        assertThat(campaign.positions())
                .as("seed %d", seed)
                .isEqualTo(RandomCampaign.model(campaign.people(), settings.mode(), 1));
    }

    private void change(RandomCampaign campaign, String change) {
        jdbc.sql("UPDATE waitlist_users SET " + change + " WHERE campaign_id = ?")
                .param(campaign.id())
                .update();
    }

    @Test
    void batchesOfTwoInstancesInOppositeOrderDoNotDeadlock() {
        for (int i = 0; i < 10; i++) {
            campaign("{}");
        }
        List<RandomCampaign> opposite = new ArrayList<>(campaigns);
        Collections.reverse(opposite);
        long deadlocks = deadlocks();

        Stream.of(campaigns, opposite)
                .map(order -> CompletableFuture.runAsync(() -> recalculateTogether(order)))
                .toList()
                .forEach(CompletableFuture::join);

        campaigns.forEach(this::repair);
        assertThat(campaigns).as("seed %d", seed).allMatch(this::isRight);
        assertThat(deadlocks()).isEqualTo(deadlocks);
    }

    /** Or two instances with the same campaigns in different orders would wait for each other. */
    @Test
    void severalCampaignsAreLockedInTheOrderOfTheirLocks() {
        List<RandomCampaign> sorted = Stream.of(campaign("{}"), campaign("{}"))
                .sorted(Comparator.comparing(this::lock))
                .toList();
        RandomCampaign first = sorted.get(0);
        RandomCampaign last = sorted.get(1);
        CampaignSet batch =
                new CampaignSet(new Campaigns().coalesce(List.of(event(last, NOON, 2), event(first, NOON, 2))));

        AtomicBoolean seen = new AtomicBoolean();

        CompletableFuture<Void> recalculation = Objects.requireNonNull(transaction.execute(status -> {
            jdbc.sql("SELECT pg_advisory_xact_lock(?)")
                    .param(lock(last))
                    .query()
                    .singleRow();
            // Together they wait for a tenth of a second, which this test may miss; then each has its turn alone.
            CompletableFuture<Void> begun = CompletableFuture.runAsync(() -> {
                while (!seen.get()) {
                    template.sendBody("direct:recalculate-campaigns", batch);
                }
            });
            await().pollInterval(Duration.ofMillis(5))
                    .until(() -> jdbc.sql("""
                            SELECT count(*) FROM pg_locks held JOIN pg_locks awaited USING (pid)
                            WHERE held.locktype = 'advisory' AND held.granted AND held.objid = CAST(:first AS bigint) & 4294967295
                              AND awaited.locktype = 'advisory' AND NOT awaited.granted
                            """)
                                    .param("first", lock(first))
                                    .query(Long.class)
                                    .single()
                            == 1);
            seen.set(true);
            return begun;
        }));

        assertThat(recalculation).succeedsWithin(Duration.ofMinutes(2));
    }

    private long lock(RandomCampaign campaign) {
        return jdbc.sql("SELECT hashtext(?)")
                .param(campaign.id().toString())
                .query(Long.class)
                .single();
    }

    private void recalculateTogether(List<RandomCampaign> order) {
        for (int batch = 0; batch < 20; batch++) {
            List<DomainEvent> events = order.stream()
                    .flatMap(campaign -> campaign.countSeveral(random).stream())
                    .map(Events::of)
                    .collect(Collectors.toList());
            order.forEach(campaign -> events.add(event(campaign, NOON, 2)));
            template.sendBody("direct:recalculate-campaigns", new CampaignSet(new Campaigns().coalesce(events)));
        }
    }

    private long deadlocks() {
        return jdbc.sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
                .query(Long.class)
                .single();
    }

    /** Does pages that are left because another instance was at work on the same board. */
    private void repair(RandomCampaign campaign) {
        while (jdbc.sql("SELECT go_on_at IS NOT NULL FROM event_routes.leaderboard WHERE campaign_id = ?")
                .param(campaign.id())
                .query(Boolean.class)
                .single()) {
            template.sendBody("direct:recalculate-positions", CampaignEvents.again(campaign.id(), Set.of()));
        }
    }

    private boolean isRight(RandomCampaign campaign) {
        return campaign.positions().equals(RandomCampaign.model(campaign.people(), settings.mode(), 2));
    }

    @Test
    void whatChangedWithoutAnEventIsRightAfterARecalculationOfTheWholeBoardAndIsToldBefore() {
        RandomCampaign campaign = RandomCampaign.create(jdbc, random, "{}", 50);
        campaigns.add(campaign);
        recalculate(campaign, event(campaign, NOON, null));
        assertThat(leaderboards.verify(campaign.id(), 10)).contains(List.of());
        for (int i = 0; i < 30; i++) {
            campaign.change(random, 1);
        }
        Map<UUID, Long> model = RandomCampaign.model(campaign.people(), settings.mode(), 1);
        Map<UUID, Long> before = campaign.positions();
        long wrong = before.entrySet().stream()
                .filter(position -> !position.getValue().equals(model.get(position.getKey())))
                .count();

        List<Leaderboards.Difference> told =
                leaderboards.verify(campaign.id(), 10).orElseThrow();

        assertThat(told).hasSize((int) Math.min(10, wrong)).allSatisfy(difference -> {
            UUID person = UUID.fromString(difference.userId());
            assertThat(difference.position()).isEqualTo(before.get(person));
            assertThat(difference.expected()).isEqualTo(model.get(person));
            assertThat(difference.differences()).isEqualTo(wrong);
        });
        template.sendBody(
                "direct:recalculate-positions",
                CampaignEvents.whole(campaign.id().toString()));
        assertThat(campaign.positions()).as("seed %d", seed).isEqualTo(model);
    }

    @Test
    void aCampaignCanHaveAModeOfItsOwn() {
        PositionSettings.Mode own = settings.mode() == PositionSettings.Mode.RANK
                ? PositionSettings.Mode.FORMULA
                : PositionSettings.Mode.RANK;
        RandomCampaign campaign = campaign("{\"position_mode\": \"%s\"}".formatted(own.value()));
        Map<UUID, Long> model = RandomCampaign.model(campaign.people(), own, 1);

        recalculate(campaign, event(campaign, NOON, null));

        assertThat(campaign.positions()).as("seed %d", seed).isEqualTo(model);
        assertThat(campaign.people()).filteredOn(Person::takesPart).allSatisfy(person -> assertThat(
                        positions.of(event(campaign, NOON, null), person.id().toString()))
                .isEqualTo(model.get(person.id())));
    }

    @Test
    void aModeThatThereIsNotFailsForGood() {
        RandomCampaign campaign = campaign("{\"position_mode\": \"random\"}");

        assertThatThrownBy(() -> recalculate(campaign, event(campaign, NOON, null)))
                .hasRootCauseInstanceOf(DeliveryException.Permanent.class)
                .hasRootCauseMessage(
                        "the campaign's referral_config.position_mode must be formula or rank, but is random");
        assertThatThrownBy(() -> positions.of(
                        event(campaign, NOON, null),
                        campaign.people().get(0).id().toString()))
                .as("a mail names no position that there is not")
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessage("the campaign's referral_config.position_mode must be formula or rank, but is random");
    }

    private void recalculateWhile(AtomicBoolean counting, RandomCampaign campaign, List<Person> people) {
        while (counting.get()) {
            recalculate(
                    campaign,
                    event(
                            campaign,
                            NOON,
                            2,
                            people.get(random.nextInt(people.size())).id()));
        }
    }

    private RandomCampaign campaign(String referralConfig) {
        RandomCampaign campaign = RandomCampaign.create(jdbc, random, referralConfig);
        campaigns.add(campaign);
        return campaign;
    }

    private static DomainEvent event(RandomCampaign campaign, Instant time, @Nullable Integer points) {
        return event(campaign, time, points, UUID.randomUUID());
    }

    static DomainEvent event(RandomCampaign campaign, UUID referrer, int points) {
        return event(campaign, NOON, points, referrer);
    }

    private static DomainEvent event(RandomCampaign campaign, Instant time, @Nullable Integer points, UUID referrer) {
        String id = campaign.id().toString();
        return new DomainEvent(
                Events.id(), id, new ReferralVerified(Events.id(), referrer.toString(), Events.id(), id, points), time);
    }

    private void recalculate(RandomCampaign campaign, DomainEvent... events) {
        template.sendBody(
                "direct:recalculate-positions", new CampaignEvents(campaign.id().toString(), List.of(events)));
    }

    private void assertRecalculates(RandomCampaign campaign, int points, DomainEvent... events) {
        Map<UUID, Long> model = RandomCampaign.model(campaign.people(), settings.mode(), points);

        recalculate(campaign, events);

        assertThat(campaign.positions()).as("seed %d", seed).isEqualTo(model);
    }

    /** Where each row lies: a row that is written lies elsewhere. */
    private List<String> versions(RandomCampaign campaign) {
        return jdbc.sql("SELECT id || ' ' || ctid FROM waitlist_users WHERE campaign_id = ? ORDER BY id")
                .param(campaign.id())
                .query(String.class)
                .list();
    }
}

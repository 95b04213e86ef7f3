package routes.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Route;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.delivery.DeliverySettings;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.Events;

/**
 * Positions by rank, and pages so small that most boards are more than one. This context takes no work from the shared one: nothing
 * starts but what a test calls.
 */
@OnPlatform
@TestPropertySource(
        properties = {
            "positions.mode=rank",
            "positions.page-size=25",
            "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*,scheduler:*"
        })
class PositionsByRankIT extends RecalculationContract {

    @Autowired
    private PositionSettings settings;

    @Autowired
    private CamelContext camel;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Leaderboards leaderboards;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private ProducerTemplate template;

    @Autowired
    private Positions positions;

    @Autowired
    private CampaignPoints points;

    @Autowired
    private DeliverySettings deliveries;

    @Test
    void rankIsTheMode() {
        assertThat(settings.mode()).isEqualTo(PositionSettings.Mode.RANK);
    }

    @Test
    void aBoardThatCouldNotBeRepairedHasItsTurnAgainInFiveMinutes() {
        UUID board = UUID.randomUUID();
        List<String> turns = new ArrayList<>();
        transaction.executeWithoutResult(
                status -> { // nobody else sees it
                    status.setRollbackOnly();
                    jdbc.sql("INSERT INTO event_routes.leaderboard (campaign_id, mode, points, people, recalculated_at)"
                                    + " VALUES (?, 'rank', 1, 1, '2000-01-01')")
                            .param(board)
                            .update();
                    for (String minutes : List.of("0", "4", "2")) {
                        jdbc.sql(
                                        "UPDATE event_routes.leaderboard SET recalculated_at = recalculated_at - CAST(? AS interval)"
                                                + " WHERE campaign_id = ?")
                                .params(minutes + " minutes", board)
                                .update();
                        CampaignEvents due = leaderboards.dueForRepair();
                        turns.add(due == null ? "nobody" : due.campaignId());
                    }
                });

        assertThat(turns).containsExactly(board.toString(), "nobody", board.toString());
    }

    @Test
    void theBoardWhoseLastComparisonIsTheOldestIsRepairedFirst() {
        List<String> boards = List.of(Events.id(), Events.id(), Events.id());
        List<String> turns = new ArrayList<>();
        transaction.executeWithoutResult(
                status -> { // nobody else sees them
                    status.setRollbackOnly();
                    for (int i = 0; i < boards.size(); i++) {
                        jdbc.sql(
                                        "INSERT INTO event_routes.leaderboard (campaign_id, mode, points, people, recalculated_at)"
                                                + " VALUES (CAST(? AS uuid), 'rank', 1, 1, make_timestamptz(?, 1, 1, 0, 0, 0))")
                                .params(boards.get(i), 1990 - i)
                                .update();
                    }
                    boards.forEach(board -> turns.add(
                            Objects.requireNonNull(leaderboards.dueForRepair()).campaignId()));
                });

        assertThat(turns).containsExactly(boards.get(2), boards.get(1), boards.get(0));
    }

    @Test
    void boardsHaveTheirTurnsInTheOrderInWhichTheyAreDueUnfinishedOrNot() {
        List<String> turns = new ArrayList<>();
        List<String> boards = List.of(Events.id(), Events.id(), Events.id(), Events.id());
        transaction.executeWithoutResult(
                status -> { // nobody else sees them
                    status.setRollbackOnly();
                    Duration interval = settings.repairInterval();
                    unfinished(boards.get(2), Duration.ofHours(1));
                    unfinished(boards.get(0), Duration.ofDays(11));
                    compared(boards.get(1), interval.plusDays(10));
                    compared(boards.get(3), interval.plusMinutes(1));
                    boards.forEach(board -> turns.add(
                            Objects.requireNonNull(leaderboards.dueForRepair()).campaignId()));
                });

        assertThat(turns).containsExactlyElementsOf(boards);
    }

    private void unfinished(String board, Duration dueFor) {
        jdbc.sql("INSERT INTO event_routes.leaderboard (campaign_id, mode, points, people, compared_to, go_on_at)"
                        + " VALUES (CAST(? AS uuid), 'rank', 1, 1, '', now() - make_interval(secs => ?))")
                .params(board, dueFor.toSeconds())
                .update();
    }

    private void compared(String board, Duration ago) {
        jdbc.sql("INSERT INTO event_routes.leaderboard (campaign_id, mode, points, people, recalculated_at)"
                        + " VALUES (CAST(? AS uuid), 'rank', 1, 1, now() - make_interval(secs => ?))")
                .params(board, ago.toSeconds())
                .update();
    }

    @Test
    void theBoardOfACampaignThatTheApplicationHasDeletedIsForgotten() throws Exception {
        RandomCampaign board = RandomCampaign.create(jdbc, random, "{}", 200);
        recalculate(CampaignEvents.whole(board.id().toString()));
        campaigns.add(board);
        for (String rows : List.of("waitlist_users WHERE campaign_id", "campaigns WHERE id")) {
            jdbc.sql("DELETE FROM %s = ?".formatted(rows)).param(board.id()).update();
        }
        assertThat(kept(board)).isGreaterThan(settings.pageSize());

        jdbc.sql("UPDATE event_routes.leaderboard SET recalculated_at = '2000-01-01' WHERE campaign_id = ?")
                .param(board.id())
                .update();

        camel.getRouteController().startRoute("repair-positions");
        try {
            await().until(() -> kept(board) == 0);
        } finally {
            camel.getRouteController().stopRoute("repair-positions");
        }
    }

    @Test
    void aBoardWhoseConfigIsWrongIsNotForgottenAndHoldsUpNoOther() throws Exception {
        RandomCampaign mode = RandomCampaign.create(jdbc, random, "{}", 60);
        RandomCampaign points = RandomCampaign.create(jdbc, random, "{}", 60);
        RandomCampaign right = RandomCampaign.create(jdbc, random, "{}", 60);
        int year = 2000;
        for (RandomCampaign board : List.of(mode, points, right)) {
            campaigns.add(board);
            recalculate(CampaignEvents.whole(board.id().toString()));
            jdbc.sql("UPDATE event_routes.leaderboard SET recalculated_at = make_date(?, 1, 1) WHERE campaign_id = ?")
                    .params(year++, board.id())
                    .update();
        }
        configure(mode, "{\"position_mode\": \"random\"}");
        configure(points, "{\"points_per_referral\": \"many\"}");

        camel.getRouteController().startRoute("repair-positions");
        try {
            await().until(() -> jdbc.sql(
                            "SELECT recalculated_at > now() - interval '1 minute' FROM event_routes.leaderboard WHERE campaign_id = ?")
                    .param(right.id())
                    .query(Boolean.class)
                    .single());
        } finally {
            camel.getRouteController().stopRoute("repair-positions");
        }
        assertThat(kept(mode)).isPositive();
        assertThat(kept(points)).isPositive();
    }

    private void configure(RandomCampaign campaign, String config) {
        jdbc.sql("UPDATE campaigns SET referral_config = CAST(? AS jsonb) WHERE id = ?")
                .params(config, campaign.id())
                .update();
    }

    @Test
    void pointsThatEventsNamedAreForgottenOnceTheirCampaignHasLongBeenGone() throws Exception {
        RandomCampaign there = RandomCampaign.create(jdbc, random, "{}", 1);
        campaigns.add(there);
        UUID gone = UUID.randomUUID();
        UUID lately = UUID.randomUUID();
        Duration age = deliveries.purgeAfter();
        Map.of(there.id(), age.plusDays(1), gone, age.plusMinutes(1), lately, age.minusMinutes(1))
                .forEach((campaign, ago) -> jdbc.sql(
                                "INSERT INTO event_routes.campaign_points (campaign_id, points, as_of)"
                                        + " VALUES (?, 3, now() - make_interval(secs => ?))")
                        .params(campaign, ago.toSeconds())
                        .update());

        points.purge();

        assertThat(jdbc.sql("SELECT campaign_id FROM event_routes.campaign_points WHERE campaign_id IN (?, ?, ?)")
                        .params(there.id(), gone, lately)
                        .query(UUID.class)
                        .list())
                .containsExactlyInAnyOrder(there.id(), lately);
    }

    @Test
    void pointsAreKeptAsLongAsAnyInstanceKeepsWhatIsDone() {
        UUID gone = UUID.randomUUID();
        UUID another = UUID.randomUUID();
        long seconds = deliveries.purgeAfter().toSeconds() + 60;
        jdbc.sql("INSERT INTO event_routes.campaign_points (campaign_id, points, as_of)"
                        + " VALUES (?, 3, now() - make_interval(secs => ?))")
                .params(gone, seconds)
                .update();
        jdbc.sql("INSERT INTO event_routes.instance (id, purge_after) VALUES (?, make_interval(secs => ?))")
                .params(another, seconds + 60)
                .update();

        points.purge();

        jdbc.sql("DELETE FROM event_routes.instance WHERE id = ?")
                .param(another)
                .update();
        assertThat(jdbc.sql("DELETE FROM event_routes.campaign_points WHERE campaign_id = ?")
                        .param(gone)
                        .update())
                .isEqualTo(1);
    }

    private int kept(RandomCampaign board) {
        return jdbc.sql("SELECT (SELECT count(*) FROM event_routes.leaderboard WHERE campaign_id = :campaign)"
                        + " + (SELECT count(*) FROM event_routes.standing WHERE campaign_id = :campaign)")
                .param("campaign", board.id())
                .query(Integer.class)
                .single();
    }

    /** In one statement it took as long as there were people: more than 1.7 million outlasted the minute that it had. */
    @Test
    void noTransactionMovesMoreThanAPage() {
        RandomCampaign board = RandomCampaign.create(jdbc, random, "{}", 200);
        campaigns.add(board);

        recalculate(CampaignEvents.whole(board.id().toString()));

        assertThat(board.positions())
                .as("seed %d", seed)
                .isEqualTo(RandomCampaign.model(board.people(), PositionSettings.Mode.RANK, 1));
        assertThat(largestTransaction(board)).isLessThanOrEqualTo(settings.pageSize());
    }

    @Test
    void whoLeavesTheTopMovesEverybodyInPagesToo() {
        RandomCampaign board = RandomCampaign.create(jdbc, random, "{}", 200);
        campaigns.add(board);
        recalculate(CampaignEvents.whole(board.id().toString()));
        UUID first = jdbc.sql("SELECT user_id FROM event_routes.standing WHERE campaign_id = ? AND position = 1")
                .param(board.id())
                .query(UUID.class)
                .single();
        jdbc.sql("UPDATE waitlist_users SET status = 'blocked' WHERE id = ?")
                .param(first)
                .update();

        recalculate(new CampaignEvents(
                board.id().toString(),
                List.of(Events.of(new ReferralVerified(
                        Events.id(), first.toString(), Events.id(), board.id().toString(), 1)))));

        assertThat(board.positions())
                .as("seed %d", seed)
                .isEqualTo(RandomCampaign.model(board.people(), PositionSettings.Mode.RANK, 1));
        assertThat(largestTransaction(board)).isLessThanOrEqualTo(settings.pageSize());
    }

    @Test
    void whoHasLeftWithoutAnEventKeepsTheLastPositionWhileOthersMove() {
        RandomCampaign board = RandomCampaign.create(jdbc, random, "{}", 200);
        campaigns.add(board);
        recalculate(CampaignEvents.whole(board.id().toString()));
        List<UUID> top = jdbc.sql(
                        "SELECT user_id FROM event_routes.standing WHERE campaign_id = ? AND position <= 2 ORDER BY position")
                .param(board.id())
                .query(UUID.class)
                .list();
        jdbc.sql("UPDATE waitlist_users SET status = 'blocked' WHERE id IN (?, ?)")
                .params(top.get(0), top.get(1))
                .update();

        recalculate(new CampaignEvents(
                board.id().toString(),
                List.of(Events.of(new ReferralVerified(
                        Events.id(),
                        top.get(0).toString(),
                        Events.id(),
                        board.id().toString(),
                        1)))));

        assertThat(jdbc.sql("SELECT position FROM waitlist_users WHERE id = ?")
                        .param(top.get(1))
                        .query(Long.class)
                        .single())
                .as("seed %d", seed)
                .isEqualTo(2);
    }

    /** After each page the service may end, others recalculate, and the application goes on. */
    @RepeatedTest(5)
    void betweenPagesMailsAreRightAndAfterTheLastTheBoardIs() {
        RandomCampaign board = RandomCampaign.create(jdbc, random, "{}", 60 + random.nextInt(140));
        campaigns.add(board);
        int points = random.nextInt(4);
        page(CampaignEvents.of(event(board, random(board), points)));
        int pages = 1;
        while (isUnfinished(board)) {
            List<DomainEvent> events = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                events.add(Events.of(board.change(random, points)));
            }
            if (!events.isEmpty()) {
                recalculate(new CampaignEvents(board.id().toString(), events));
            }
            if (random.nextInt(20) == 0) {
                page(CampaignEvents.whole(board.id().toString()));
            }
            if (random.nextInt(20) == 0) {
                points = random.nextInt(4);
                jdbc.sql("UPDATE event_routes.campaign_points SET points = ?, as_of = now() WHERE campaign_id = ?")
                        .params(points, board.id())
                        .update();
            }
            Map<UUID, Long> model = RandomCampaign.model(board.people(), PositionSettings.Mode.RANK, points);
            for (RandomCampaign.Person person : board.people()) {
                if (person.takesPart() && random.nextInt(10) == 0) {
                    assertThat(positions.of(
                                    event(board, person.id(), points),
                                    person.id().toString()))
                            .as("after %d pages, seed %d", pages, seed)
                            .isEqualTo(model.get(person.id()));
                }
            }
            page(CampaignEvents.again(board.id(), Set.of()));
            pages++;
        }

        assertThat(pages).isGreaterThan(3);
        assertThat(board.positions())
                .as("seed %d", seed)
                .isEqualTo(RandomCampaign.model(board.people(), PositionSettings.Mode.RANK, points));
        assertThat(leaderboards.verify(board.id(), 1)).contains(List.of());
    }

    @Test
    void aBoardOfWhichPagesAreLeftIsDueAtOnceAndAlsoWhenTheClockOfTheDatabaseWasSetBack() {
        UUID board = UUID.randomUUID();
        List<CampaignEvents> turns = new ArrayList<>();
        transaction.executeWithoutResult(
                status -> { // nobody else sees it
                    status.setRollbackOnly();
                    jdbc.sql(
                                    "INSERT INTO event_routes.leaderboard (campaign_id, mode, points, people, compared_to, go_on_at)"
                                            + " VALUES (?, 'rank', 1, 1, '', now())")
                            .param(board)
                            .update();
                    for (String minutes : List.of("0", "0", "1", "-60")) {
                        jdbc.sql("UPDATE event_routes.leaderboard SET go_on_at = go_on_at - CAST(? AS interval)"
                                        + " WHERE campaign_id = ?")
                                .params(minutes + " minutes", board)
                                .update();
                        turns.add(leaderboards.dueForRepair());
                    }
                });

        CampaignEvents next = CampaignEvents.again(board, Set.of());
        assertThat(turns).containsExactly(next, null, next, next);
    }

    /** Does a page and no more, as if the service ended behind it. */
    private void page(CampaignEvents events) {
        transaction.executeWithoutResult(status -> leaderboards.recalculate(events, 0, null));
    }

    private void recalculate(CampaignEvents events) {
        template.sendBody("direct:recalculate-positions", events);
    }

    private UUID random(RandomCampaign board) {
        return board.people().get(random.nextInt(board.people().size())).id();
    }

    private boolean isUnfinished(RandomCampaign board) {
        return jdbc.sql("SELECT go_on_at IS NOT NULL FROM event_routes.leaderboard WHERE campaign_id = ?")
                .param(board.id())
                .query(Boolean.class)
                .single();
    }

    /** How many rows of the board, or of its people, were written last by one transaction. */
    private int largestTransaction(RandomCampaign board) {
        return jdbc.sql("""
                        SELECT max(rows) FROM (
                            SELECT count(*) AS rows FROM event_routes.standing WHERE campaign_id = :id GROUP BY CAST(xmin AS text)
                            UNION ALL
                            SELECT count(*) FROM waitlist_users WHERE campaign_id = :id GROUP BY CAST(xmin AS text)) written
                        """).param("id", board.id()).query(Integer.class).single();
    }

    @Test
    void nothingIsConsumedHere() {
        List<Route> started = camel.getRoutes().stream()
                .filter(route ->
                        camel.getRouteController().getRouteStatus(route.getId()).isStarted())
                .toList();

        assertThat(started)
                .extracting(route -> route.getEndpoint().getEndpointBaseUri())
                .isNotEmpty()
                .allSatisfy(uri -> assertThat(uri).startsWith("direct:"));
    }
}

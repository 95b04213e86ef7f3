package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
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
import routes.RandomCampaign.Person;
import routes.delivery.DeliveryException;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.Events;
import routes.position.CampaignEvents;
import routes.position.PositionSettings;
import routes.position.Positions;

/** What holds of a recalculation whatever a position is. Each mode has a context, and a class, of its own. */
@ExtendWith(OutputCaptureExtension.class)
abstract class RecalculationContract {

    private static final Instant NOON = Instant.parse("2026-02-01T12:00:00Z");

    @Autowired
    private ProducerTemplate template;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private PositionSettings settings;

    @Autowired
    private Positions positions;

    private final List<RandomCampaign> campaigns = new ArrayList<>();
    private final long seed = ThreadLocalRandom.current().nextLong();
    private final Random random = new Random(seed);

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
    void aRecalculationThatChangesNothingWritesNothing() {
        RandomCampaign campaign = campaign("{}");
        recalculate(campaign, event(campaign, NOON, null));
        List<String> before = versions(campaign);

        recalculate(campaign, event(campaign, NOON, null));

        assertThat(versions(campaign)).as("seed %d", seed).isEqualTo(before);
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

    @ParameterizedTest
    @ValueSource(strings = {"campaign-uuid", "00000000-0000-4000-8000-000000000000"})
    void aCampaignThatThereIsNotFailsForGoodAndWithoutALogOfIt(String id, CapturedOutput output) {
        CampaignEvents events =
                CampaignEvents.of(Events.of(new ReferralVerified(Events.id(), Events.id(), Events.id(), id, 1)));

        assertThatThrownBy(() -> template.sendBody("direct:recalculate-positions", events))
                .hasRootCauseInstanceOf(DeliveryException.Permanent.class)
                .hasRootCauseMessage("there is no campaign " + id + (id.startsWith("0") ? "" : ": its id is no UUID"));

        assertThat(output).as("what becomes of it is for the caller to say").doesNotContain("DeliveryException");
    }

    @Test
    void isExactAfterTheLastOfManyThatRanWhileTheApplicationCounted() {
        RandomCampaign campaign = campaign("{}");
        List<Person> people = campaign.people();
        AtomicBoolean counting = new AtomicBoolean(true);
        List<CompletableFuture<Void>> recalculations = List.of(
                CompletableFuture.runAsync(() -> recalculateWhile(counting, campaign)),
                CompletableFuture.runAsync(() -> recalculateWhile(counting, campaign)));

        for (int i = 0; i < 300; i++) {
            jdbc.sql("UPDATE waitlist_users SET verified_referral_count = verified_referral_count + 1 WHERE id = ?")
                    .param(people.get(random.nextInt(people.size())).id())
                    .update();
        }
        counting.set(false);
        recalculations.forEach(CompletableFuture::join);

        assertRecalculates(campaign, 2, event(campaign, NOON, 2));
    }

    private void recalculateWhile(AtomicBoolean counting, RandomCampaign campaign) {
        while (counting.get()) {
            recalculate(campaign, event(campaign, NOON, 2));
        }
    }

    private RandomCampaign campaign(String referralConfig) {
        RandomCampaign campaign = RandomCampaign.create(jdbc, random, referralConfig);
        campaigns.add(campaign);
        return campaign;
    }

    private static DomainEvent event(RandomCampaign campaign, Instant time, @Nullable Integer points) {
        String id = campaign.id().toString();
        return new DomainEvent(
                Events.id(), id, new ReferralVerified(Events.id(), Events.id(), Events.id(), id, points), time);
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

package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Inbox;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventPublisher;
import routes.event.Events;
import routes.reward.RewardStatus;

/** Events that are there before the transaction is committed that they tell of, and what is put right without one. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class EarlyEventsIT {

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Inbox inbox;

    @Autowired
    private RewardStatus status;

    private TestCampaign campaign;

    @Test
    void aRewardIsDeliveredAndAnnouncedWhoseEventIsEarlierThanItsRow() throws Exception {
        DomainEvent event = campaign.rewardByMail();
        RewardEarned earned = (RewardEarned) event.data();
        delete(earned);

        try (Unhurried both = Unhurried.deliveriesOf(event, jdbc)) {
            publisher.publish(event);
            await().until(() -> deliveries(event).equals(List.of("due", "due")));
            assertThat(inbox.list())
                    .as("no notice of a reward that nobody knows")
                    .isEmpty();
            insert(earned);
        }
        pipeline.awaitDrained();

        assertThat(deliveries(event)).containsExactly("delivered", "delivered");
        assertThat(inbox.list()).hasSize(2);
        assertThat(userReward(earned)).isEqualTo("delivered");
    }

    @Test
    void aRewardThatNobodyHasEarnedFailsForGoodWhenItsEventIsNoLongerYoung() throws Exception {
        DomainEvent event = campaign.rewardByMail();
        RewardEarned earned = (RewardEarned) event.data();
        delete(earned);

        publisher.publish(event);
        pipeline.awaitDrained();

        assertThat(deliveries(event)).containsExactly("failed", "failed");
        assertThat(inbox.list()).isEmpty();
        insert(earned);
        try (Connection application = platform.database().dataSource().getConnection();
                Statement hold = application.createStatement()) {
            application.setAutoCommit(false);
            hold.execute("SELECT FROM user_rewards WHERE id = '%s' FOR UPDATE".formatted(earned.userRewardId()));
            assertThat(CompletableFuture.runAsync(status::catchUp))
                    .as("a row that the application holds is not waited for")
                    .succeedsWithin(Duration.ofSeconds(60));
            application.rollback();
        }
        await("its row hears of it when it is there").until(() -> {
            status.catchUp(); // not at once again
            return userReward(earned).equals("failed");
        });
    }

    @Test
    void aPositionIsPutRightThatWasCountedAfterItsEvent() throws Exception {
        UUID referrer = campaign.person();
        publisher.publish(Events.of(new ReferralVerified(
                Events.id(), referrer.toString(), Events.id(), campaign.id().toString(), null)));
        pipeline.awaitDrained();
        assertThat(position(referrer)).isEqualTo(10);

        jdbc.sql("UPDATE waitlist_users SET verified_referral_count = 3 WHERE id = ?")
                .param(referrer)
                .update();

        await().until(() -> position(referrer) == 7);
    }

    @Test
    void boardsAreRepairedOneBehindTheOtherAndNotOneEveryFiveSeconds() {
        List<TestCampaign> campaigns =
                Stream.generate(() -> TestCampaign.create(jdbc)).limit(12).toList();
        campaigns.forEach(board -> {
            board.person();
            jdbc.sql("INSERT INTO event_routes.leaderboard (campaign_id, mode, points, people, recalculated_at)"
                            + " VALUES (?, 'formula', 1, 0, '2000-01-01')")
                    .param(board.id())
                    .update();
        });

        await().atMost(Duration.ofSeconds(45)).until(() -> campaigns.stream().allMatch(this::isRepaired));
        campaigns.forEach(TestCampaign::delete);
    }

    private boolean isRepaired(TestCampaign board) {
        return jdbc.sql("SELECT people = 1 FROM event_routes.leaderboard WHERE campaign_id = ?")
                .param(board.id())
                .query(Boolean.class)
                .single();
    }

    private void delete(RewardEarned earned) {
        jdbc.sql("DELETE FROM user_rewards WHERE id = CAST(? AS uuid)")
                .param(earned.userRewardId())
                .update();
    }

    private void insert(RewardEarned earned) {
        jdbc.sql("INSERT INTO user_rewards (id, user_id, campaign_id, reward_id)"
                        + " VALUES (CAST(? AS uuid), CAST(? AS uuid), CAST(? AS uuid), CAST(? AS uuid))")
                .params(earned.userRewardId(), earned.userId(), earned.campaignId(), earned.rewardId())
                .update();
    }

    private String userReward(RewardEarned earned) {
        return jdbc.sql("SELECT status FROM user_rewards WHERE id = CAST(? AS uuid)")
                .param(earned.userRewardId())
                .query(String.class)
                .single();
    }

    private List<String> deliveries(DomainEvent event) {
        return jdbc.sql("SELECT status FROM event_routes.delivery WHERE event_id = ? ORDER BY consumer_group")
                .param(event.id())
                .query(String.class)
                .list();
    }

    private int position(UUID person) {
        return jdbc.sql("SELECT position FROM waitlist_users WHERE id = ?")
                .param(person)
                .query(Integer.class)
                .single();
    }
}

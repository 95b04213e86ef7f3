package routes.reward;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import routes.delivery.DatabaseErrors;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.Grouped;
import routes.delivery.Outcome;
import routes.event.EventData.RewardEarned;
import routes.event.EventJson;
import routes.event.Ids;
import routes.settings.Statements;

/** Finds earned rewards in the application's tables. Their rows decide whether and how they are delivered. */
@Component
public class Rewards {

    /** How long to wait when a reward's row is locked. */
    private static final Duration ROW_IS_HELD = Duration.ofSeconds(1);

    private final Statements sql;
    private final RewardSettings settings;
    private final Grouped<Delivery, Optional<Found>> found = Grouped.lookUp(this::find);

    Rewards(Statements sql, RewardSettings settings) {
        this.sql = sql;
        this.settings = settings;
    }

    /**
     * The reward of a delivery, read directly before the effect. A transaction that is changing the row gets a moment to
     * finish, so that its result counts.
     *
     * @throws DeliveryException.Permanent when there is none, or its row contradicts the event
     * @throws DeliveryException.Transient when its row may still appear
     * @throws DeliveryException.Skipped when it has been delivered or taken back, or its owner has left or is blocked
     * @throws DeliveryException.Held when it has to wait before it is delivered
     * @throws DeliveryException.Later when its row is locked
     */
    public Reward find(Delivery delivery) {
        if (!(delivery.event().data() instanceof RewardEarned event)) {
            throw new DeliveryException.Permanent("there is no reward for events of the type " + delivery.type());
        }
        if (!Ids.isUuid(event.userRewardId())) {
            throw new DeliveryException.Permanent(
                    "there is no user_reward %s: its id is not a UUID".formatted(event.userRewardId()));
        }
        try {
            Found reward = found.of(delivery)
                    .orElseThrow(() -> delivery.missing("there is no user_reward %s with its reward and its person"
                            .formatted(event.userRewardId())));
            return reward.orRefused();
        } catch (DataAccessException e) {
            if (!DatabaseErrors.isOfALock(e)) {
                throw e;
            }
            throw new DeliveryException.Later("not tried: the application is changing the reward's row", ROW_IS_HELD);
        }
    }

    /** A row that was found: a reward that may be delivered, or why not. */
    private record Found(@Nullable Reward reward, @Nullable DeliveryException refusal) {

        Reward orRefused() {
            if (reward == null) {
                throw Objects.requireNonNull(refusal);
            }
            return reward;
        }
    }

    private Map<Delivery, Found> find(List<Delivery> deliveries) {
        Map<String, List<Delivery>> byReward = deliveries.stream().collect(Collectors.groupingBy(Rewards::id));
        Map<Delivery, Found> rewards = new HashMap<>();
        sql.of("reward/find", "user_reward_ids", String.join(",", byReward.keySet()))
                .query(row -> {
                    for (Delivery delivery : byReward.getOrDefault(row.getString("id"), List.of())) {
                        rewards.put(delivery, found(row, delivery));
                    }
                });
        return rewards;
    }

    private static String id(Delivery delivery) {
        return ((RewardEarned) delivery.event().data()).userRewardId().toLowerCase(Locale.ROOT);
    }

    private Found found(ResultSet row, Delivery delivery) throws SQLException {
        try {
            return new Found(reward(row, (RewardEarned) delivery.event().data(), delivery), null);
        } catch (DeliveryException e) {
            return new Found(null, e);
        }
    }

    /** Refuses a reward with an unknown delivery method. */
    public Outcome refuseMethod(Reward reward) {
        throw new DeliveryException.Permanent("the reward's delivery_method must be email, webhook or manual");
    }

    private Reward reward(ResultSet row, RewardEarned event, Delivery delivery) throws SQLException {
        requireSame("user_id", event.userId(), row);
        requireSame("campaign_id", event.campaignId(), row);
        requireSame("reward_id", event.rewardId(), row);
        String status = row.getString("status");
        if (settings.isTakenBack(status)) {
            throw new DeliveryException.Skipped(RewardSettings.reason(status), status);
        }
        if (!settings.allows(status) && !delivery.forced()) {
            throw new DeliveryException.Skipped("the reward has been delivered before");
        }
        if (row.getBoolean("person_deleted")) {
            throw new DeliveryException.Skipped("the person has left the campaign");
        }
        if (row.getString("person_status").equals("blocked")) {
            throw new DeliveryException.Skipped("the person is blocked");
        }
        Hold.requireOver(row, delivery.event().timestamp());
        try {
            return new Reward(
                    row.getString("id"),
                    row.getString("user_id"),
                    row.getString("email"),
                    row.getString("reward_id"),
                    row.getString("name"),
                    row.getString("description"),
                    row.getString("type"),
                    EventJson.mapper().readTree(row.getString("data")),
                    row.getString("method"),
                    row.getString("webhook_status") == null
                            ? null
                            : new Reward.Webhook(
                                    row.getObject("webhook_id", UUID.class),
                                    event.campaignId(),
                                    row.getString("webhook_url"),
                                    strings(row.getArray("webhook_secrets")),
                                    row.getString("webhook_status"),
                                    row.getBoolean("webhook_failing"),
                                    disabledBecause(row)));
        } catch (JsonProcessingException e) {
            throw new DeliveryException.Permanent("reward_data is not readable JSON", null, e);
        }
    }

    /** An event with somebody else's reward, by mistake or on purpose, delivers nothing. */
    private static void requireSame(String column, String inEvent, ResultSet row) throws SQLException {
        if (!inEvent.equals(row.getString(column))) {
            throw new DeliveryException.Permanent(
                    "the event's %s does not match user_reward %s".formatted(column, row.getString("id")));
        }
    }

    private static @Nullable String disabledBecause(ResultSet row) throws SQLException {
        return row.getTimestamp("webhook_disabled_at") == null
                ? null
                : "since %s: %s"
                        .formatted(
                                row.getTimestamp("webhook_disabled_at")
                                        .toInstant()
                                        .truncatedTo(ChronoUnit.SECONDS),
                                row.getString("webhook_disabled_because"));
    }

    private static List<String> strings(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
    }
}

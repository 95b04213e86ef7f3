package routes.reward;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.delivery.DeliverySettings;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.operation.Page;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.settings.Statements;

/**
 * Finds earned rewards, and holds, releases and voids them, many at once: in pages, each in one transaction of {@code user_rewards}, the
 * ledger and the audit.
 */
@OnRole(Role.REWARD)
@Component
public class RewardOperations {

    /**
     * What can be done with rewards that are not delivered yet. {@code hold}: they wait until they are released; {@code release}: those that
     * are held go out now; {@code undo}: they wait for as long as their reward or campaign says, whatever was said by these two;
     * {@code void}: they are never delivered, {@code user_rewards.status} becomes {@code voided}.
     */
    public static final List<String> ACTIONS = List.of("hold", "release", "undo", "void");

    /** The actions that need a reason. */
    public static final Set<String> EXPLAINED = Set.of("hold", "void");

    private static final List<String> IDS = List.of("campaign", "referrer", "person", "reward", "earned");

    /** By what rewards are chosen. */
    public static final List<String> FIELDS =
            Stream.concat(IDS.stream(), Stream.of("from", "to")).toList();

    private static final int PAGE = 1_000;
    private static final int MAX_PAGES = 10;

    private final Statements sql;
    private final Audit audit;
    private final RewardSettings settings;
    private final boolean tellsOthers;

    RewardOperations(Statements sql, Audit audit, RewardSettings settings, DeliverySettings deliveries) {
        this.sql = sql;
        this.audit = audit;
        this.settings = settings;
        this.tellsOthers = deliveries.outcomeEvents();
    }

    /**
     * Reads by what an operator chooses rewards: the ids of their campaign, of a person or a reward, or of the earned one itself; of a
     * referrer, for this person's own and those of everybody whom this person has referred; and the time in which their rows were created.
     *
     * @param values one for each of the {@link #FIELDS}; null where it does not matter
     * @return the values by field
     */
    public static Map<String, String> chosen(@Nullable String... values) {
        Map<String, String> chosen = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            String field = FIELDS.get(i);
            Object value =
                    Arguments.ifGiven(field, values[i], IDS.contains(field) ? Arguments::uuid : Arguments::moment);
            if (value != null) {
                chosen.put(field, value.toString());
            }
        }
        if (IDS.stream().noneMatch(chosen::containsKey)) {
            throw Arguments.wrong(String.join(", ", IDS), "are missing: choose the rewards by at least one of them");
        }
        return chosen;
    }

    /** The action that an operator has named in a field. */
    public static String action(String field, @Nullable String name) {
        return Arguments.oneOf(field, name, ACTIONS);
    }

    /**
     * An earned reward.
     *
     * @param id {@code user_rewards.id}
     * @param reward the name of what was earned
     * @param state delivered; under-way: an instance has it in hand; held; not-recorded: its event has not been read yet; otherwise the
     *     status of its delivery, or of {@code user_rewards} where the application has taken it back
     * @param idempotencyKey of its delivery
     * @param deliveryId in the ledger; null if there is none yet
     * @param reason that of the delivery
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Summary(
            UUID id,
            UUID userId,
            String reward,
            String state,
            String idempotencyKey,
            @Nullable UUID deliveryId,
            @Nullable String reason,
            Instant createdAt) {}

    /** How many rewards of a name are in a state. */
    public record Count(String reward, String state, long rewards) {}

    /**
     * What an action would do, or has done.
     *
     * @param rewards how many it would change, or has changed
     * @param counts what it would change; null if it has
     * @param underWay how many of the changed ones an instance had in hand at that moment, or their receiver had accepted: they may be
     *     delivered all the same
     * @param left how many it has not changed yet
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Result(
            String action,
            boolean dryRun,
            long rewards,
            @Nullable List<Count> counts,
            @Nullable Long underWay,
            @Nullable Long left) {

        private static Result done(String action, long rewards, long underWay, long left) {
            return new Result(action, false, rewards, null, underWay, left);
        }
    }

    /**
     * The chosen rewards, by id.
     *
     * @param action only those that it would change; null for all
     * @param after the last one of the page before; null for the first page
     */
    public Page<Summary> find(Map<String, String> chosen, @Nullable String action, int limit, @Nullable UUID after) {
        List<Summary> found = select("reward/find-rewards", chosen, action)
                .param("after", after)
                .param("limit", limit)
                .query(Summary.class)
                .list();
        return Page.of("rewards", found, limit, Summary::id);
    }

    /** What an action would do. */
    public Result look(Map<String, String> chosen, String action) {
        List<Count> counts = select("reward/count-rewards", chosen, action)
                .query(Count.class)
                .list();
        long all = counts.stream().mapToLong(Count::rewards).sum();
        return new Result(action, true, all, counts, null, null);
    }

    private StatementSpec select(String statement, Map<String, String> chosen, @Nullable String action) {
        Map<String, String> all = new HashMap<>(chosen);
        all.put("campaign", campaign(chosen));
        StatementSpec select = sql.of(statement).param("action", action).param("deliverable", deliverable());
        FIELDS.forEach(field -> select.param(field, all.get(field)));
        return select;
    }

    /** That of all that was chosen. What does not exist, or is of another campaign, was chosen by mistake. */
    private String campaign(Map<String, String> chosen) {
        StatementSpec select = sql.of("reward/chosen");
        IDS.forEach(field -> select.param(field, chosen.get(field)));
        Map<String, String> campaigns = new LinkedHashMap<>();
        select.query(row -> {
            campaigns.put(row.getString("field"), row.getString("campaign_id"));
        });
        for (String field : IDS) {
            if (chosen.containsKey(field) && !campaigns.containsKey(field)) {
                throw Arguments.missing("there is no %s %s".formatted(field, chosen.get(field)));
            }
        }
        if (Set.copyOf(campaigns.values()).size() > 1) {
            throw Arguments.wrong(String.join(" and ", campaigns.keySet()), "are of different campaigns");
        }
        return campaigns.values().iterator().next();
    }

    /**
     * Changes those of the chosen rewards that are not delivered yet, at most 10,000.
     *
     * @param expected how many the operator has seen that it would change: if there are more, nothing is changed; null for any number
     * @param because why, as the operator has written it
     */
    public Result change(
            Map<String, String> chosen, String action, @Nullable String expected, String by, @Nullable String because) {
        String reason = EXPLAINED.contains(action) ? Arguments.reason(because) : null;
        if (action.equals("void") && settings.allows("voided")) {
            throw Arguments.refused("voided is one of REWARD_STATUSES: such a reward would be delivered");
        }
        if (expected != null) {
            long shown = Arguments.number("expected", expected, 9, "is not a number");
            long now = look(chosen, action).rewards();
            if (now > shown) {
                throw Arguments.refused("%d match, and %d were shown: look again".formatted(now, shown));
            }
        }
        Map<String, String> arguments = new LinkedHashMap<>(chosen);
        if (reason != null) {
            arguments.put("reason", Masking.mask(reason));
        }
        long changed = 0;
        long underWay = 0;
        UUID after = null;
        for (int pages = 0; pages < MAX_PAGES && (pages == 0 || after != null); pages++) {
            List<Summary> page = find(chosen, action, PAGE, after).rows();
            Result some = audit.change(
                    by,
                    "rewards." + action,
                    arguments,
                    () -> apply(action, page, by, reason),
                    done -> done.rewards() == 0
                            ? null
                            : "%d changed, %d under way".formatted(done.rewards(), done.underWay()));
            changed += some.rewards();
            underWay += Objects.requireNonNull(some.underWay());
            after = page.size() < PAGE ? null : page.get(PAGE - 1).id();
        }
        // Counted, since rows that somebody else had locked were passed over.
        return Result.done(action, changed, underWay, look(chosen, action).rewards());
    }

    private Result apply(String action, List<Summary> page, String by, @Nullable String reason) {
        String because = "by " + by + (reason == null ? "" : ": " + reason);
        Set<UUID> changed = page.stream().map(Summary::id).collect(Collectors.toSet());
        String ids = changed.stream().map(UUID::toString).collect(Collectors.joining(","));
        if (action.equals("void")) {
            changed = sql.of("reward/void", "user_reward_ids", ids, "deliverable", deliverable())
                    .query(UUID.class)
                    .set();
        } else {
            sql.of("reward/keep-hold", "user_reward_ids", ids, "action", action, "because", Masking.mask(because))
                    .update();
        }
        Set<UUID> these = changed;
        String keys = page.stream()
                .filter(some -> these.contains(some.id()))
                .map(Summary::idempotencyKey)
                .collect(Collectors.joining(","));
        long underWay = sql.of("reward/change-deliveries")
                .param("keys", keys)
                .param("action", action)
                .param("by", by)
                .param("told", tellsOthers)
                .param(
                        "reason",
                        switch (action) {
                            case "hold" -> Masking.mask(Hold.untilReleased(because));
                            case "void" -> Masking.mask("voided by an operator: " + reason);
                            default -> null;
                        })
                .query(Long.class)
                .single();
        return Result.done(action, changed.size(), underWay, 0);
    }

    private String deliverable() {
        return String.join(",", settings.deliverable());
    }
}

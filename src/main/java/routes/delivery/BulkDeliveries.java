package routes.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryOperations.Row;
import routes.operation.Arguments;
import routes.settings.Statements;

/** Counts and changes many deliveries at once: first a plan, then what the plan saw, by the same rules as one. */
@Component
public class BulkDeliveries {

    /** How many are changed at once, oldest first, in one transaction with its audit row. No more are counted, either. */
    public static final int MAX = 10_000;

    private final DeliveryOperations deliveries;
    private final Statements sql;

    BulkDeliveries(DeliveryOperations deliveries, Statements sql) {
        this.deliveries = deliveries;
        this.sql = sql;
    }

    /**
     * How many deliveries are alike.
     *
     * @param because their reason, shortened, and without what differs, such as ids
     * @param erased whether their person was erased, which leaves nothing to do
     * @param example one of them
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Count(
            String consumerGroup,
            String status,
            @Nullable String because,
            boolean erased,
            UUID example,
            long deliveries) {

        /** The length at which {@code event_routes.because} cuts a reason. */
        private static final int CUT = 120;

        /** The reason in words for a page; an ellipsis says that it is longer. */
        public String why() {
            return because == null
                    ? "without a reason"
                    : because.codePointCount(0, because.length()) < CUT ? because : because + "…";
        }

        /** The sum of all, which is larger than {@link #MAX} if there are more. */
        public static long total(List<Count> counts) {
            return counts.stream().mapToLong(Count::deliveries).sum();
        }
    }

    /**
     * What an action would change, or has changed.
     *
     * @param deliveries how many, at most {@link #MAX}
     * @param left how many more there are, for the next time
     * @param before the moment of the plan: what is changed after it is not touched
     * @param counts what would be changed
     * @param untouched what matches, but cannot be changed
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Bulk(
            String action,
            boolean dryRun,
            int deliveries,
            @Nullable Long left,
            @Nullable String before,
            @Nullable List<Count> counts,
            @Nullable List<Count> untouched) {}

    /**
     * Counts the deliveries that match, the most frequent first.
     *
     * @throws org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException when that takes too long
     */
    public List<Count> counts(DeliveryCriteria criteria) {
        return deliveries.bounded(() -> criteria.in(sql.of("delivery/count-deliveries"))
                .param("limit", MAX + 1)
                .query(Count.class)
                .list());
    }

    /** What an action would change. */
    public Bulk plan(DeliveryCriteria criteria, DeliveryAction action) {
        DeliveryCriteria then = asOf(criteria);
        Map<Boolean, List<Count>> counts = eachStatus(then)
                .flatMap(one -> counts(one).stream())
                .collect(Collectors.groupingBy(count -> action.suits(count.status()) && !count.erased()));
        List<Count> suited = counts.getOrDefault(true, List.of());
        long total = Count.total(suited);
        return new Bulk(
                action.value(),
                true,
                (int) Math.min(total, MAX),
                total > MAX ? Long.valueOf(total - MAX) : null,
                then.given().get("before"),
                suited,
                counts.getOrDefault(false, List.of()));
    }

    /**
     * Changes what a plan saw.
     *
     * @param criteria with the plan's {@code before}, or now
     * @param expected how many the plan saw: if there are more, nothing is changed; null for any number
     * @param reason why; a retry needs none
     */
    public Bulk change(
            DeliveryCriteria criteria,
            DeliveryAction action,
            @Nullable String expected,
            String by,
            @Nullable String reason) {
        String why = action.reason(reason);
        DeliveryCriteria then = asOf(criteria);
        Bulk now = plan(then, action);
        if (expected != null && now.deliveries() > Arguments.number("expected", expected, 5, "is not a number")) {
            throw Arguments.refused(
                    "%d match, and the plan saw %s: make a new plan".formatted(now.deliveries(), expected));
        }
        int changed = deliveries.change(
                action,
                by,
                then.given(),
                why,
                () -> deliveries.apply(action, lock(then, action), by, why),
                some -> some == 0 ? null : "%d are %s".formatted(some, action.result));
        // Counted, because rows that others had locked were skipped.
        Bulk rest = plan(then, action);
        long left = rest.deliveries() + Objects.requireNonNullElse(rest.left(), 0L);
        return new Bulk(action.value(), false, changed, left, null, null, null);
    }

    private List<Row> lock(DeliveryCriteria criteria, DeliveryAction action) {
        List<Row> rows = new ArrayList<>();
        eachStatus(criteria)
                .filter(one -> action.suits(String.valueOf(one.given().get("status"))))
                .forEach(one -> rows.addAll(one.in(sql.of("delivery/lock-deliveries"))
                        .param("limit", MAX - rows.size())
                        .query(Row.class)
                        .list()));
        return rows;
    }

    /** One status after the other, since each has its index. */
    private static Stream<DeliveryCriteria> eachStatus(DeliveryCriteria criteria) {
        return Stream.of(DeliveryStatus.values())
                .map(DeliveryStatus::value)
                .filter(status ->
                        criteria.given().getOrDefault("status", status).equals(status))
                .map(status -> criteria.with("status", status));
    }

    private DeliveryCriteria asOf(DeliveryCriteria criteria) {
        if (Set.of("before").containsAll(criteria.given().keySet())) {
            throw Arguments.wrong("the filter", "is empty: say which deliveries to change");
        }
        OffsetDateTime now = sql.of("delivery/now").query(OffsetDateTime.class).single();
        return criteria.with(
                "before",
                criteria.given().getOrDefault("before", now.toInstant().toString()));
    }
}

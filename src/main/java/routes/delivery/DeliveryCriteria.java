package routes.delivery;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import routes.operation.Arguments;

/**
 * Which deliveries to find or change.
 *
 * @param given the {@link #FIELDS} that are given; any other matches all
 */
public record DeliveryCriteria(Map<String, String> given) {

    /**
     * {@code event}, {@code recipient} (a person) and {@code webhook} are ids; {@code waitsFor} is a dependency or {@code hold};
     * {@code because} is a reason as in a {@link BulkDeliveries.Count}; {@code since} and {@code before} are when a delivery was
     * last changed, {@code from} and {@code to} when it was recorded; ends are exclusive.
     */
    public static final List<String> FIELDS = List.of(
            "event",
            "type",
            "campaign",
            "group",
            "recipient",
            "status",
            "webhook",
            "waitsFor",
            "because",
            "since",
            "before",
            "from",
            "to");

    /** Reads criteria, in the order of {@link #FIELDS}; null for any. */
    public static DeliveryCriteria of(ConsumerGroups groups, @Nullable String... values) {
        Map<String, String> given = new LinkedHashMap<>();
        for (int i = 0; i < FIELDS.size(); i++) {
            String field = FIELDS.get(i);
            String value = values[i];
            if (value != null) {
                given.put(
                        field,
                        switch (field) {
                            case "group" -> groups.named(field, value).name();
                            case "status" ->
                                DeliveryOperations.status(field, value).value();
                            case "since", "before", "from", "to" ->
                                moment(field, value).toString();
                            case "event", "campaign", "recipient", "webhook" -> Arguments.id(field, value);
                            default -> Arguments.required(field, value);
                        });
            }
        }
        return new DeliveryCriteria(given);
    }

    /** A date is its first moment in UTC; as an end, the date is included. A time without an offset is UTC, too. */
    private static Instant moment(String field, String value) {
        boolean date = value.matches("\\d{4}-\\d\\d-\\d\\d");
        boolean bare = value.matches("\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d(:\\d\\d)?");
        String time = date ? value + "T00:00:00Z" : bare ? value.replace(' ', 'T') + "Z" : value;
        Instant moment = Objects.requireNonNull(Arguments.moment(field, time));
        return date && field.equals("to") ? moment.plus(Duration.ofDays(1)) : moment;
    }

    /** The same criteria but for one. */
    public DeliveryCriteria with(String field, String value) {
        Map<String, String> all = new LinkedHashMap<>(given);
        all.put(field, value);
        return new DeliveryCriteria(all);
    }

    /** The same criteria without one. */
    public DeliveryCriteria without(String field) {
        Map<String, String> all = new LinkedHashMap<>(given);
        all.remove(field);
        return new DeliveryCriteria(all);
    }

    /** The same criteria for those that were counted together. */
    public DeliveryCriteria alike(BulkDeliveries.Count count) {
        DeliveryCriteria narrower = with("group", count.consumerGroup()).with("status", count.status());
        String because = count.because();
        return because == null ? narrower : narrower.with("because", because);
    }

    /** The statement with these parameters. */
    StatementSpec in(StatementSpec statement) {
        FIELDS.forEach(field -> statement.param(field, given.get(field)));
        return statement;
    }
}

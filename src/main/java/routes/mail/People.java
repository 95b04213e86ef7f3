package routes.mail;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.Grouped;
import routes.event.DomainEvent;
import routes.event.EventJson;
import routes.event.Ids;
import routes.settings.Statements;

/** Finds the people to write to, in the application's tables. */
@Component
class People {

    private final Statements sql;
    private final Grouped<Place, Optional<Person>> found = Grouped.lookUp(this::find);

    People(Statements sql) {
        this.sql = sql;
    }

    private record Place(UUID campaignId, UUID userId) {}

    /** The person with this id in the event's campaign; empty if there is none, or if the id is not a UUID. */
    Optional<Person> find(DomainEvent event, String userId) {
        String campaignId = event.campaignId();
        return Ids.isUuid(campaignId) && Ids.isUuid(userId)
                ? found.of(new Place(UUID.fromString(campaignId), UUID.fromString(userId)))
                : Optional.empty();
    }

    private Map<Place, Person> find(List<Place> places) {
        Map<Place, Person> people = new HashMap<>();
        ArrayNode asked = EventJson.mapper().createArrayNode();
        places.forEach(place -> asked.addObject()
                .put("n", asked.size() - 1)
                .put("campaign_id", place.campaignId().toString())
                .put("user_id", place.userId().toString()));
        sql.of("mail/person").param("places", asked.toString()).query(row -> {
            Person person = person(row);
            people.put(new Place(row.getObject("campaign_id", UUID.class), person.id()), person);
        });
        return people;
    }

    private static Person person(ResultSet row) throws SQLException {
        return new Person(
                row.getObject("id", UUID.class),
                row.getString("email"),
                row.getString("first_name"),
                row.getString("last_name"),
                row.getString("referral_code"),
                row.getInt("referral_count"),
                row.getLong("position"),
                row.getString("status"),
                row.getBoolean("deleted"),
                row.getString("campaign_name"),
                row.getString("campaign_slug"),
                row.getString("from_name"),
                row.getString("from_email"),
                row.getString("unsubscribe_url"),
                locale(row));
    }

    /** The column {@code locale}; null without one, as in a deployment's file from before there was one. */
    static @Nullable String locale(ResultSet row) throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        for (int column = 1; column <= columns.getColumnCount(); column++) {
            if (columns.getColumnLabel(column).equals("locale")) {
                return row.getString(column);
            }
        }
        return null;
    }

    /**
     * The person with this id, if they may get mail.
     *
     * @throws DeliveryException.Permanent when there is no such person
     * @throws DeliveryException.Transient when the person may still appear
     * @throws DeliveryException.Skipped when the person has left or is blocked
     */
    Person require(Delivery delivery, String userId) {
        String campaignId = delivery.event().campaignId();
        return reachable(find(delivery.event(), userId).orElseThrow(() -> {
            String reason = "there is no person %s in campaign %s".formatted(userId, campaignId);
            return Ids.isUuid(campaignId) && Ids.isUuid(userId)
                    ? delivery.missing(reason)
                    : new DeliveryException.Permanent(reason);
        }));
    }

    /** The person, if they may get mail; otherwise throws like {@link #require}. */
    static Person reachable(Person person) {
        if (!person.isReachable()) {
            throw new DeliveryException.Skipped(
                    person.deleted() ? "the person has left the campaign" : "the person is blocked");
        }
        return person;
    }
}

package routes.mail;

import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.event.DomainEvent;
import routes.event.Ids;
import routes.settings.Statements;

/** Finds the people to write to, in the application's tables. */
@Component
class People {

    private final Statements sql;

    People(Statements sql) {
        this.sql = sql;
    }

    /** The person with this id in the event's campaign; empty if there is none, or if the id is not a UUID. */
    Optional<Person> find(DomainEvent event, String userId) {
        String campaignId = event.campaignId();
        if (!Ids.isUuid(campaignId) || !Ids.isUuid(userId)) {
            return Optional.empty();
        }
        return sql.of("mail/person")
                .param("campaign_id", UUID.fromString(campaignId))
                .param("user_id", UUID.fromString(userId))
                .query(Person.class)
                .optional();
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

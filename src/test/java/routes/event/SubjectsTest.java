package routes.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What must happen once is named by all that tells it from another fact, and not by the event's own id. */
class SubjectsTest {

    @ParameterizedTest
    @CsvSource({
        "USER_SIGNED_UP, campaign_id user_id",
        "USER_VERIFIED, campaign_id user_id",
        "REFERRAL_CREATED, campaign_id referral_id referrer_id",
        "REFERRAL_VERIFIED, campaign_id referral_id referrer_id",
        "REWARD_EARNED, campaign_id user_reward_id user_id reward_id",
        "CAMPAIGN_MILESTONE_REACHED, campaign_id milestone"
    })
    void eachOfTheseMakesItAnotherFactAndAnotherIdDoesNot(EventType type, String fields) throws Exception {
        DomainEvent event = Events.any(type);

        for (String field : List.of(fields.split(" "))) {
            assertThat(changed(event, field).idempotencyKey()).as(field).isNotEqualTo(event.idempotencyKey());
        }
        assertThat(Events.of(event.data()).id()).isNotEqualTo(event.id());
        assertThat(Events.of(event.data()).idempotencyKey()).isEqualTo(event.idempotencyKey());
    }

    private static DomainEvent changed(DomainEvent event, String field) throws InvalidEventException {
        String other = Events.id();
        ObjectNode json = Events.json(event, its -> {
            its.withObject("data").put(field, other);
            if (field.equals("campaign_id")) {
                its.put(field, other);
            }
        });
        return new EventReader().read(json, EventHeaders.NONE);
    }
}

package routes.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What must happen once is named by all that tells it from another fact, and not by the event's own id. */
class SubjectsTest {

    private static String fields(EventType type) {
        return switch (type) {
            case USER_SIGNED_UP, USER_VERIFIED -> "campaign_id user_id";
            case REFERRAL_CREATED, REFERRAL_VERIFIED -> "campaign_id referral_id referrer_id";
            case REWARD_EARNED -> "campaign_id user_reward_id user_id reward_id";
            case CAMPAIGN_MILESTONE_REACHED -> "campaign_id milestone";
        };
    }

    @ParameterizedTest
    @EnumSource
    void eachOfTheseMakesItAnotherFactAndAnotherIdDoesNot(EventType type) throws Exception {
        DomainEvent event = Events.any(type);

        for (String field : List.of(fields(type).split(" "))) {
            assertThat(changed(event, field).idempotencyKey()).as(field).isNotEqualTo(event.idempotencyKey());
        }
        assertThat(Events.of(event.data()).id()).isNotEqualTo(event.id());
        assertThat(Events.of(event.data()).idempotencyKey()).isEqualTo(event.idempotencyKey());
    }

    /** By these alone the database knows whom an event is about (event_routes.person): to erase them, to find them, to tell others. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CAMPAIGN_MILESTONE_REACHED") // which is about many
    void whomAnEventIsAboutIsInAFieldByWhichTheDatabaseFindsThem(EventType type) {
        assertThat(Events.json(Events.any(type), its -> {}).path("data").fieldNames())
                .toIterable()
                .containsAnyOf("user_id", "referrer_id");
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

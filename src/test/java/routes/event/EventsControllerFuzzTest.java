package routes.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.ErrorResponseException;

/** The body of {@code POST /events}: an event, or an array of them. */
class EventsControllerFuzzTest {

    private static final String KEY = "a-key-for-the-fuzzer";

    private final EventReader reader = new EventReader();
    private final EventPublisher publisher = new EventPublisher(events -> {
        EventWriter writer = new EventWriter(reader);
        for (DomainEvent event : events) {
            writer.write(event);
        }
        return events.stream()
                .map(event -> new Published(event.id(), "events", 0, 0))
                .toList();
    });
    private final EventsController controller =
            new EventsController(reader, publisher, new ApiKey(new PublishingSettings(List.of(KEY), 1_000_000)));

    @FuzzTest
    void publishesOrAnswersWhatIsWrong(byte[] body) {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/events");
        request.setContent(body);
        try {
            assertThat(controller
                            .publish("Bearer " + KEY, request)
                            .getStatusCode()
                            .value())
                    .isEqualTo(202);
        } catch (ErrorResponseException e) {
            // 429 is of the key's rate, which the fuzzer reaches.
            assertThat(e.getStatusCode().value()).isIn(400, 413, 429);
            assertThat(e.getBody().getDetail()).isNotBlank();
        }
    }
}

package routes.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.ErrorResponseException;
import routes.event.DomainEvent;
import routes.event.EventPublisher;
import routes.event.EventReader;
import routes.event.EventWriter;
import routes.event.Published;

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
    private final PublishingSettings settings = new PublishingSettings(List.of(KEY), 1_000_000, 16 * 1024 * 1024);
    private final EventsController controller = new EventsController(
            reader, publisher, new ApiKey(settings, new SimpleMeterRegistry()), new Bodies(settings));

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

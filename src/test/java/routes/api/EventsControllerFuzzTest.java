package routes.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.ErrorResponseException;
import routes.event.DomainEvent;
import routes.event.EventChannel;
import routes.event.EventPublisher;
import routes.event.EventReader;
import routes.event.EventWriter;
import routes.event.InvalidEventException;
import routes.event.Published;

/** The body of {@code POST /events}: an event, or an array of them. */
class EventsControllerFuzzTest {

    private static final String KEY = "a-key-for-the-fuzzer";

    private final EventsController controller;

    /**
     * With no record in a field or a method's signature: the fuzzer redefines the classes of those, and the JVM breaks records whose
     * components are annotated.
     */
    EventsControllerFuzzTest() {
        EventReader reader = new EventReader();
        PublishingSettings settings = new PublishingSettings(List.of(KEY), 1_000_000, 16 * 1024 * 1024);
        controller = new EventsController(
                reader,
                new EventPublisher(new Channel(new EventWriter(reader))),
                new ApiKey(settings, new SimpleMeterRegistry()),
                new Bodies(settings),
                2);
    }

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

    /** Writes the events, to nowhere. */
    private static final class Channel implements EventChannel {

        private final EventWriter writer;

        Channel(EventWriter writer) {
            this.writer = writer;
        }

        @Override
        public List<Published> write(List<DomainEvent> events) throws InvalidEventException {
            for (DomainEvent event : events) {
                writer.write(event);
            }
            return events.stream()
                    .map(event -> new Published(event.id(), "events", 0, 0))
                    .toList();
        }
    }
}

package routes.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.ErrorResponseException;
import routes.event.DomainEvent;
import routes.event.EventChannel;
import routes.event.EventPublisher;
import routes.event.EventReader;
import routes.event.EventType;
import routes.event.Events;
import routes.event.Published;

/** What of the server {@code POST /events} may take up. */
class EventsControllerTest {

    private static final String KEY = "a-key-for-the-tests";
    private static final int THREADS = 4;

    private final Brokers brokers = new Brokers();
    private final EventsController controller;

    EventsControllerTest() {
        PublishingSettings settings = new PublishingSettings(List.of(KEY), 1_000, 16 * 1024 * 1024);
        controller = new EventsController(
                new EventReader(),
                new EventPublisher(brokers),
                new ApiKey(settings, new SimpleMeterRegistry()),
                new Bodies(settings),
                THREADS);
    }

    @Test
    void brokersThatDoNotAnswerLeaveHalfOfTheThreadsToOtherRequests() throws Exception {
        List<CompletableFuture<Integer>> waiting = List.of(
                CompletableFuture.supplyAsync(() -> publish(event())),
                CompletableFuture.supplyAsync(() -> publish(event())));
        await().until(() -> brokers.asked.get() == THREADS / 2);

        assertThatThrownBy(() -> publish(event())).isInstanceOfSatisfying(ErrorResponseException.class, e -> {
            assertThat(e.getStatusCode().value()).isEqualTo(503);
            assertThat(e.getHeaders().getFirst("Retry-After")).isEqualTo("1");
            assertThat(e.getBody().getDetail()).contains("nothing was done");
        });

        brokers.answer.countDown();
        for (CompletableFuture<Integer> request : waiting) {
            assertThat(request.get(60, TimeUnit.SECONDS)).isEqualTo(202);
        }
    }

    @Test
    void whatWasAnsweredTakesUpNoThread() {
        brokers.answer.countDown();
        for (int i = 0; i < THREADS; i++) {
            assertThatThrownBy(() -> publish("{}"))
                    .isInstanceOfSatisfying(
                            ErrorResponseException.class,
                            e -> assertThat(e.getStatusCode().value()).isEqualTo(400));
            assertThat(publish(event())).isEqualTo(202);
        }
    }

    private int publish(String body) {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/events");
        request.setContent(body.getBytes(StandardCharsets.UTF_8));
        return controller.publish("Bearer " + KEY, request).getStatusCode().value();
    }

    private static String event() {
        return Events.json(Events.any(EventType.REFERRAL_CREATED), json -> {}).toString();
    }

    /** Brokers that acknowledge nothing until they are told to. */
    private static final class Brokers implements EventChannel {

        private final AtomicInteger asked = new AtomicInteger();
        private final CountDownLatch answer = new CountDownLatch(1);

        @Override
        public List<Published> write(List<DomainEvent> events) {
            asked.incrementAndGet();
            try {
                assertThat(answer.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return events.stream()
                    .map(event -> new Published(event.id(), "events", 0, 0))
                    .toList();
        }
    }
}

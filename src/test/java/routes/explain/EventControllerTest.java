package routes.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.web.ErrorResponseException;
import routes.api.ApiKey;

/** What of the server {@code GET /events/{id}} may take up. */
class EventControllerTest {

    private static final Explained UNKNOWN =
            new Explained("e", false, null, null, null, List.of(), List.of(), List.of());

    private final CountDownLatch topicsAnswer = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final ExecutorService callers = Executors.newCachedThreadPool();

    @AfterEach
    void answer() {
        topicsAnswer.countDown();
        callers.shutdown();
    }

    @ParameterizedTest
    @CsvSource({"200, 8", "16, 4", "1, 1"})
    void deadLettersThatAreReadSlowlyLeaveTheOtherThreadsToOtherRequests(int threads, int bound) throws Exception {
        EventController events = controller(threads);
        List<CompletableFuture<Explained>> polls = IntStream.range(0, bound)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> events.show(null, "unknown-" + i), callers))
                .toList();
        await().until(() -> asked.get() == bound);

        assertThatThrownBy(() -> events.show(null, "one-more"))
                .isInstanceOfSatisfying(ErrorResponseException.class, e -> {
                    assertThat(e.getStatusCode().value()).isEqualTo(503);
                    assertThat(e.getHeaders().getFirst("Retry-After")).isEqualTo("1");
                });

        topicsAnswer.countDown();
        for (CompletableFuture<Explained> poll : polls) {
            assertThat(poll.get(60, TimeUnit.SECONDS)).isEqualTo(UNKNOWN);
        }
        assertThat(events.show(null, "one-more")).isEqualTo(UNKNOWN);
    }

    @Test
    void whatFailedTakesUpNothing() {
        EventController events = new EventController(
                mock(Explanations.class, call -> {
                    throw new DataAccessResourceFailureException("down");
                }),
                mock(ApiKey.class),
                1);

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> events.show(null, "event"))
                    .isInstanceOfSatisfying(
                            ErrorResponseException.class,
                            e -> assertThat(e.getBody().getDetail()).contains("ledger"));
        }
    }

    private EventController controller(int threads) {
        Explanations slow = mock(Explanations.class, call -> {
            asked.incrementAndGet();
            assertThat(topicsAnswer.await(20, TimeUnit.SECONDS)).isTrue();
            return UNKNOWN;
        });
        return new EventController(slow, mock(ApiKey.class), threads);
    }
}

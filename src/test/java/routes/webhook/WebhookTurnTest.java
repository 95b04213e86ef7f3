package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import routes.delivery.Delivery;
import routes.event.EventType;
import routes.event.Events;

/** Whoever carries a delivery out is not a worker: that is what keeps receivers from holding them up. */
class WebhookTurnTest {

    private final ExecutorService threads = Executors.newSingleThreadExecutor(task -> new Thread(task, "webhook"));
    private final WebhookTurn turn = new WebhookTurn(
            mock(WebhookLanes.class),
            new WebhookEndpoint("some", WebhookFixtures.settings(), 0),
            new Delivery(
                    UUID.randomUUID(),
                    "reward-workers",
                    "",
                    Events.any(EventType.REWARD_EARNED),
                    0,
                    0,
                    1,
                    false,
                    false,
                    "some"),
            threads);

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void whatFollowsATurnThatHasBegunIsOnAThreadOfTheWebhooks() throws Exception {
        turn.begin(false);

        assertThat(threadThatFollows().get(5, TimeUnit.SECONDS)).isEqualTo("webhook");
    }

    @Test
    void andWhatFollowsOneThatBeginsLater() throws Exception {
        CompletableFuture<String> thread = threadThatFollows();

        turn.begin(false);

        assertThat(thread.get(5, TimeUnit.SECONDS)).isEqualTo("webhook");
    }

    @Test
    void andWhatFollowsOneThatIsGivenUp() throws Exception {
        turn.giveUp("no room");

        assertThat(threadThatFollows().get(5, TimeUnit.SECONDS)).isEqualTo("webhook");
    }

    private CompletableFuture<String> threadThatFollows() {
        CompletableFuture<String> thread = new CompletableFuture<>();
        var unused = turn.begins()
                .whenComplete((delivery, failure) ->
                        thread.complete(Thread.currentThread().getName()));
        return thread;
    }
}

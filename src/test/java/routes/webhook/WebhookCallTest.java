package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whoever carries a delivery out is not a worker: that is what keeps receivers from holding them up. */
class WebhookCallTest {

    private final ExecutorService threads = Executors.newSingleThreadExecutor(task -> new Thread(task, "webhook"));
    private final WebhookCall call = WebhookFixtures.call(new Receiver("some", WebhookFixtures.settings(), 0), threads);

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    @Test
    void whatFollowsATurnThatHasBegunIsOnAThreadOfTheWebhooks() throws Exception {
        call.begin();

        assertThat(threadThatFollows().get(60, TimeUnit.SECONDS)).isEqualTo("webhook");
    }

    @Test
    void andWhatFollowsOneThatBeginsLater() throws Exception {
        CompletableFuture<String> thread = threadThatFollows();

        call.begin();

        assertThat(thread.get(60, TimeUnit.SECONDS)).isEqualTo("webhook");
    }

    @Test
    void andWhatFollowsOneThatIsGivenBack() throws Exception {
        call.giveBack("no room");

        assertThat(threadThatFollows().get(60, TimeUnit.SECONDS)).isEqualTo("webhook");
    }

    private CompletableFuture<String> threadThatFollows() {
        CompletableFuture<String> thread = new CompletableFuture<>();
        var unused = call.turn.whenComplete(
                (delivery, failure) -> thread.complete(Thread.currentThread().getName()));
        return thread;
    }
}

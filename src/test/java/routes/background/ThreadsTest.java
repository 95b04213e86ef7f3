package routes.background;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ThreadsTest {

    private final String name = "rounds-" + UUID.randomUUID();
    private final ScheduledExecutorService rounds = Threads.rounds(name, 1);

    @AfterEach
    void end() {
        rounds.shutdownNow();
    }

    private static Stream<Throwable> whatEndsAThread() {
        return Stream.of(
                new IllegalStateException("thrown on purpose"),
                new OutOfMemoryError("thrown on purpose"),
                new StackOverflowError("thrown on purpose"),
                new NoClassDefFoundError("thrown on purpose"));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    @ParameterizedTest
    @MethodSource("whatEndsAThread")
    void whateverARoundThrowsTheNextOneComes(Throwable thrown) {
        AtomicInteger begun = new AtomicInteger();

        var unused = rounds.scheduleWithFixedDelay(
                () -> {
                    begun.incrementAndGet();
                    ThreadsTest.<RuntimeException>sneak(thrown);
                },
                0,
                1,
                TimeUnit.MILLISECONDS);

        await().until(() -> begun.get() >= 3);
        assertThat(Threads.ended()).doesNotContain(name);
    }

    @Test
    void whatIsCancelledHasNotEndedByMistake() {
        ScheduledFuture<?> round = rounds.scheduleWithFixedDelay(() -> {}, 0, 1, TimeUnit.MILLISECONDS);

        round.cancel(false);

        assertThat(Threads.ended()).doesNotContain(name);
    }

    @Test
    void whatHasEndedAndWasToGoOnIsKnown() {
        CompletableFuture<Void> work = Threads.watch(name, new CompletableFuture<>(), rounds);
        assertThat(Threads.ended()).doesNotContain(name);

        work.completeExceptionally(new OutOfMemoryError("thrown on purpose"));

        assertThat(Threads.ended()).contains(name);
        rounds.shutdown();
        assertThat(Threads.ended()).as("with its threads shut down on purpose").doesNotContain(name);
    }
}

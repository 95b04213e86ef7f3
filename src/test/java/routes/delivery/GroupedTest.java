package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionSynchronizationManager;

class GroupedTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    /** For a group that hangs: longer than it takes to see that others wait behind it. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<List<Integer>> groups = new CopyOnWriteArrayList<>();
    private final CountDownLatch mayGoOn = new CountDownLatch(1);

    @AfterEach
    void end() {
        mayGoOn.countDown();
        threads.shutdownNow();
    }

    @Test
    void whoComesAloneIsServedInTheOwnThread() {
        Grouped<Integer, Thread> grouped = new Grouped<>(10, LONG, (some, alone) -> List.of(Thread.currentThread()));

        assertThat(grouped.of(1)).isSameAs(Thread.currentThread());
        assertThat(grouped.of(2)).isSameAs(Thread.currentThread());
    }

    @Test
    void whoComesMeanwhileIsInTheNextGroupAndGetsTheOwnAnswer() {
        Grouped<Integer, Integer> grouped = new Grouped<>(3, LONG, (some, alone) -> doubled(some));

        List<CompletableFuture<Integer>> all = startBehindOneThatHolds(grouped, 5);
        mayGoOn.countDown();

        assertThat(all.stream().map(CompletableFuture::join)).containsExactly(0, 2, 4, 6, 8);
        assertThat(groups).containsExactly(List.of(0), List.of(1, 2, 3), List.of(4));
    }

    @Test
    void ofAGroupThatFailsEachGetsTheOwnResult() {
        Grouped<Integer, Integer> grouped = new Grouped<>(10, LONG, (some, alone) -> {
            List<Integer> doubled = doubled(some);
            if (some.contains(2)) {
                throw new IllegalArgumentException("two");
            }
            return doubled;
        });

        List<CompletableFuture<Integer>> all = startBehindOneThatHolds(grouped, 4);
        mayGoOn.countDown();

        assertThat(all.get(1).join()).isEqualTo(2);
        assertThatThrownBy(all.get(2)::join).hasRootCauseMessage("two");
        assertThat(all.get(3).join()).isEqualTo(6);
        assertThat(grouped.of(5)).as("and it continues").isEqualTo(10);
    }

    /** Otherwise waiting callers would wait forever. */
    @Test
    void anErrorEndsNoGroupButItsOwn() {
        Grouped<Integer, Integer> grouped = new Grouped<>(1, LONG, (some, alone) -> {
            List<Integer> doubled = doubled(some);
            if (some.contains(0)) {
                throw new StackOverflowError();
            }
            return doubled;
        });

        List<CompletableFuture<Integer>> all = startBehindOneThatHolds(grouped, 3);
        mayGoOn.countDown();

        assertThatThrownBy(all.get(0)::join).hasCauseInstanceOf(StackOverflowError.class);
        assertThat(all.get(1).join()).isEqualTo(2);
        assertThat(all.get(2).join()).isEqualTo(4);
    }

    /** Such as a call whose row is locked: others do not wait for it. */
    @Test
    void whoComesToNothingInItsGroupIsTriedAloneWhileOthersGoOn() {
        CountDownLatch isFree = new CountDownLatch(1);
        Grouped<Integer, Integer> grouped = new Grouped<>(10, LONG, (some, alone) -> {
            if (some.contains(0) && !alone) {
                throw new IllegalStateException("locked");
            }
            if (some.contains(0)) {
                await().until(() -> isFree.getCount() == 0);
            }
            return some;
        });

        CompletableFuture<Integer> locked = CompletableFuture.supplyAsync(() -> grouped.of(0), threads);

        assertThat(grouped.of(1)).isEqualTo(1);
        assertThat(locked).isNotDone();
        isFree.countDown();
        assertThat(locked.join()).isZero();
    }

    /** A connection that is dead without saying so keeps its own group until the driver gives up, and no other. */
    @Test
    void aGroupThatHangsHoldsUpOnlyItsOwnCalls() {
        Grouped<Integer, Integer> grouped = new Grouped<>(10, PATIENCE, (some, alone) -> doubled(some));

        List<CompletableFuture<Integer>> all = startBehindOneThatHolds(grouped, 3);

        assertThat(all.get(1).join()).isEqualTo(2);
        assertThat(all.get(2).join()).isEqualTo(4);
        assertThat(all.get(0)).isNotDone();
        assertThat(grouped.of(3)).as("and it is not waited for again").isEqualTo(6);
        mayGoOn.countDown();
        assertThat(all.get(0).join()).isZero();
        assertThat(grouped.of(4)).isEqualTo(8);
    }

    @Test
    void aCallWhoseGroupHangsIsNotProcessedTwice() {
        Grouped<Integer, Integer> grouped = new Grouped<>(10, Duration.ofMillis(50), (some, alone) -> {
            if (some.contains(1)) {
                await().until(() -> mayGoOn.getCount() == 0);
            }
            return doubled(some);
        });
        CompletableFuture<Integer> first = CompletableFuture.supplyAsync(() -> grouped.of(0), threads);
        await().until(() -> !groups.isEmpty());
        CompletableFuture<Integer> second = CompletableFuture.supplyAsync(() -> grouped.of(1), threads);
        CompletableFuture<Integer> third = CompletableFuture.supplyAsync(() -> grouped.of(2), threads);

        assertThatThrownBy(() -> second.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        mayGoOn.countDown();

        assertThat(first.join()).isZero();
        assertThat(second.join()).isEqualTo(2);
        assertThat(third.join()).isEqualTo(4);
        assertThat(groups.stream().flatMap(List::stream)).containsExactlyInAnyOrder(0, 1, 2);
    }

    /** A rollback of the caller's transaction must not undo what others were told is done. */
    @Test
    void whoComesWithinATransactionIsInNobodysGroup() {
        Grouped<Integer, Boolean> grouped = new Grouped<>((some, alone) -> Collections.nCopies(some.size(), alone));

        assertThat(grouped.of(1)).as("without a transaction").isFalse();
        TransactionSynchronizationManager.setActualTransactionActive(true);
        try {
            assertThat(grouped.of(2)).isTrue();
        } finally {
            TransactionSynchronizationManager.clear();
        }
    }

    @Test
    void nobodyIsForgottenWhenManyComeAtOnce() {
        AtomicInteger served = new AtomicInteger();
        Grouped<Integer, Integer> grouped = new Grouped<>(7, LONG, (some, alone) -> {
            served.addAndGet(some.size());
            return some;
        });

        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int thread = 0; thread < 16; thread++) {
            all.add(CompletableFuture.runAsync(
                    () -> IntStream.range(0, 2_000)
                            .forEach(i -> assertThat(grouped.of(i)).isEqualTo(i)),
                    threads));
        }
        all.forEach(CompletableFuture::join);

        assertThat(served).hasValue(32_000);
    }

    private List<Integer> doubled(List<Integer> some) {
        groups.add(List.copyOf(some));
        if (some.contains(0)) {
            try {
                mayGoOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return some.stream().map(i -> 2 * i).toList();
    }

    /** The first call holds up its group; the others arrive one after the other meanwhile. */
    private List<CompletableFuture<Integer>> startBehindOneThatHolds(Grouped<Integer, Integer> grouped, int all) {
        List<CompletableFuture<Integer>> started = new ArrayList<>();
        for (int i = 0; i < all; i++) {
            int its = i;
            started.add(CompletableFuture.supplyAsync(() -> grouped.of(its), threads));
            if (i == 0) {
                await().until(() -> !groups.isEmpty());
            } else {
                await().until(() -> grouped.waiting() == its);
            }
        }
        return started;
    }
}

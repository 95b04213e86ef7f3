package routes.delivery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Batches the work of many threads, without waiting for more: a call that arrives while a group is being processed joins the next group,
 * which takes every call that has arrived by then. Under load, one statement and one commit serve many calls; a call that arrives alone
 * is processed at once, in its own thread.
 *
 * <p>If a group fails, each of its calls is processed alone, in its own thread, while other groups continue, and gets its own result or
 * exception. If a group hangs, for instance because its connection to the database is dead, only its own calls wait for its end: after
 * five seconds the next group begins beside it.
 *
 * @param <Q> the input of a call
 * @param <A> its result
 */
public final class Grouped<Q, A> {

    private static final int MOST = 100;

    /** How long a group may take before others no longer wait for it. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final int most;
    private final Duration patience;
    private final BiFunction<List<Q>, Boolean, List<A>> work;

    /** Whoever takes a call from here processes it: the leader of a group, or the call itself. */
    private final Queue<Member> waiting = new ArrayDeque<>();

    /** Whose group is being processed; null if none is. */
    private @Nullable Member leader;

    /**
     * Creates a batcher with groups of up to 100.
     *
     * @param work processes a group: all of it, or, if it throws, none of it. Returns the results in the same order. Its second argument
     *     says whether a call is processed alone; otherwise other calls queue behind it, and it must not wait long for a lock
     */
    public Grouped(BiFunction<List<Q>, Boolean, List<A>> work) {
        this(MOST, PATIENCE, work);
    }

    Grouped(int most, Duration patience, BiFunction<List<Q>, Boolean, List<A>> work) {
        this.most = most;
        this.patience = patience;
        this.work = work;
    }

    /**
     * Creates a batcher of look-ups, which wait for no lock.
     *
     * @param find finds what there is for the keys of a group
     */
    public static <K, V> Grouped<K, Optional<V>> lookUp(Function<List<K>, Map<K, V>> find) {
        return new Grouped<>((keys, alone) -> {
            Map<K, V> found = find.apply(keys);
            return keys.stream().map(key -> Optional.ofNullable(found.get(key))).toList();
        });
    }

    /** Why a waiting call wakes up. */
    private enum Turn {
        DONE,
        LEAD,
        ALONE,
        LATE
    }

    private final class Member {
        private final Q question;
        private final CompletableFuture<Turn> turn = new CompletableFuture<>();
        private @Nullable A answer;

        private Member(Q question) {
            this.question = question;
        }
    }

    /**
     * Processes a call, in a group or alone, and throws what the work throws. Within a transaction it is always alone: a rollback must not
     * undo the work of others.
     */
    public A of(Q question) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            return alone(question);
        }
        Member own = new Member(question);
        Turn turn = join(own);
        if (turn == Turn.LATE) {
            turn = takeOver(own) ? Turn.LEAD : own.turn.join();
        }
        if (turn == Turn.LEAD) {
            turn = lead(own);
        }
        return turn == Turn.DONE ? Objects.requireNonNull(own.answer) : alone(question);
    }

    private Turn join(Member own) {
        synchronized (this) {
            if (leader == null) {
                leader = own;
                return Turn.LEAD;
            }
            waiting.add(own);
        }
        // Uninterruptible, since the group may already be processing this call.
        return own.turn
                .copy()
                .completeOnTimeout(Turn.LATE, patience.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    /** False if a group already has the call, or if it has just been made the leader: its turn says which. */
    private synchronized boolean takeOver(Member own) {
        boolean isWaiting = waiting.remove(own);
        if (isWaiting) {
            leader = own;
        }
        return isWaiting;
    }

    private A alone(Q question) {
        return work.apply(List.of(question), true).get(0);
    }

    /** The number of calls that wait for the next group. */
    synchronized int waiting() {
        return waiting.size();
    }

    /** Processes the waiting calls, the leader's own first. */
    private Turn lead(Member own) {
        List<Member> group = new ArrayList<>(List.of(own));
        synchronized (this) {
            while (!waiting.isEmpty() && group.size() < most) {
                group.add(waiting.remove());
            }
        }
        boolean isDone = false;
        try {
            List<A> answers =
                    work.apply(group.stream().map(member -> member.question).toList(), false);
            for (int i = 0; i < group.size(); i++) {
                group.get(i).answer = answers.get(i);
            }
            isDone = true;
        } catch (RuntimeException e) {
            // Not reported here: each call is tried again alone, and reports its own failure.
        } finally {
            Turn turn = isDone ? Turn.DONE : Turn.ALONE;
            passOn(own);
            group.forEach(member -> member.turn.complete(turn));
        }
        return isDone ? Turn.DONE : Turn.ALONE;
    }

    private void passOn(Member own) {
        Member next;
        synchronized (this) {
            if (leader != own) {
                return; // somebody has taken over
            }
            next = waiting.poll();
            leader = next;
        }
        if (next != null) {
            next.turn.complete(Turn.LEAD);
        }
    }
}

package routes.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
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
 * exception.
 *
 * @param <Q> the input of a call
 * @param <A> its result
 */
public final class Grouped<Q, A> {

    private static final int MOST = 100;

    private final int most;
    private final BiFunction<List<Q>, Boolean, List<A>> work;

    private final Queue<Member> waiting = new ArrayDeque<>();
    private boolean isUnderWay;

    /**
     * Creates a batcher with groups of up to 100.
     *
     * @param work processes a group: all of it, or, if it throws, none of it. Returns the results in the same order. Its second argument
     *     says whether a call is processed alone; otherwise other calls queue behind it, and it must not wait long for a lock
     */
    public Grouped(BiFunction<List<Q>, Boolean, List<A>> work) {
        this(MOST, work);
    }

    Grouped(int most, BiFunction<List<Q>, Boolean, List<A>> work) {
        this.most = most;
        this.work = work;
    }

    /**
     * Creates a batcher of look-ups, which never wait for locks.
     *
     * @param find finds the values of a group's keys; it leaves out keys without one
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
        ALONE
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
        boolean mayLead;
        synchronized (this) {
            waiting.add(own);
            mayLead = !isUnderWay;
            isUnderWay = true;
        }
        // Uninterruptible, since the group may already be processing this call. It takes no longer than a statement.
        Turn turn = mayLead ? Turn.LEAD : own.turn.join();
        if (turn == Turn.LEAD) {
            turn = lead();
        }
        return turn == Turn.DONE ? Objects.requireNonNull(own.answer) : alone(question);
    }

    private A alone(Q question) {
        return work.apply(List.of(question), true).get(0);
    }

    /** The number of calls that wait for the next group. */
    synchronized int waiting() {
        return waiting.size();
    }

    /** Processes the waiting calls; the leader's own is the first of them. */
    private Turn lead() {
        List<Member> group = new ArrayList<>();
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
            passOn();
            group.forEach(member -> member.turn.complete(turn));
        }
        return isDone ? Turn.DONE : Turn.ALONE;
    }

    private void passOn() {
        Member next;
        synchronized (this) {
            next = waiting.peek();
            isUnderWay = next != null;
        }
        if (next != null) {
            next.turn.complete(Turn.LEAD);
        }
    }
}

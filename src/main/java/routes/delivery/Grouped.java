package routes.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Work of many threads, done in natural groups: whoever comes while a group is under way waits for the next one, which takes all who have
 * come meanwhile. So one statement and one commit serve many when there is much to do, and nobody waits for company when there is little:
 * who comes alone is served at once, in the own thread.
 *
 * <p>A group that fails says nothing of its members: each is then done alone, in its own thread, while others go on, and gets its own result
 * or exception.
 *
 * @param <Q> what is asked for
 * @param <A> what comes of it
 */
public final class Grouped<Q, A> {

    private final int most;
    private final BiFunction<List<Q>, Boolean, List<A>> work;

    private final Queue<Member> waiting = new ArrayDeque<>();
    private boolean isUnderWay;

    /**
     * Nothing to do yet.
     *
     * @param most how many a group may have
     * @param work does what is asked for, and gives what comes of it in the same order; of one that fails nothing may be done. It is told
     *     whether it concerns one alone: else others wait, and it must not wait long for somebody's lock
     */
    public Grouped(int most, BiFunction<List<Q>, Boolean, List<A>> work) {
        this.most = most;
        this.work = work;
    }

    /** What a member is woken up for. */
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
     * Does it, with others or alone. Throws what the work throws. Whoever is in a transaction is alone in it: what others ask for is not
     * to be rolled back with it.
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
        // Not to be interrupted: the group may be doing it. It takes no longer than a statement.
        Turn turn = mayLead ? Turn.LEAD : own.turn.join();
        if (turn == Turn.LEAD) {
            turn = lead();
        }
        return turn == Turn.DONE ? Objects.requireNonNull(own.answer) : alone(question);
    }

    private A alone(Q question) {
        return work.apply(List.of(question), true).get(0);
    }

    /** How many wait for the group that is under way. */
    synchronized int waiting() {
        return waiting.size();
    }

    /** Does what waits: the leader is the first of it. */
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
            // Not told: each fails by itself, if it does.
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

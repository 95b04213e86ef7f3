package routes.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import routes.delivery.Heartbeats.Heartbeat;
import routes.delivery.LedgerProtocol.Event;
import routes.delivery.LedgerProtocol.Lease;
import routes.delivery.LedgerProtocol.Row;

/**
 * Instances that work on a ledger in virtual time, as the service does, with crashes, pauses, lost answers, clocks that jump, and operators.
 * Each step checks what the service promises: an effect is repeated only after a crash or a long silence, nothing that lives is judged
 * dead, and once all is quiet everything published has been done, and every attempt is known.
 */
final class LedgerWorld {

    /** What may be wrong with instances. */
    enum Flaw {
        COMMITS_BEFORE_RECORDING,
        JUDGES_BY_THE_DATABASES_CLOCK,
        LOOKS_AWAY_AFTER_A_LOST_ANSWER
    }

    /** What can happen, and how often beside the others. */
    enum Kind {
        PUBLISH(8),
        READ(10),
        READ_AGAIN(1),
        TAKE(8),
        BEGIN(14),
        ACT(14),
        FINISH(14),
        WAIT(2),
        TIME(12),
        LEAP(1),
        FREEZE(1),
        THAW(2),
        CRASH(1),
        START(2),
        STOP(1),
        CLOCK(1),
        PUT_OFF(1),
        RETRY(2),
        CANCEL(1),
        PURGE(1);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }

        static Kind any(SplittableRandom random) {
            int at = random.nextInt(IntStream.range(0, values().length)
                    .map(i -> values()[i].weight)
                    .sum());
            for (Kind kind : values()) {
                at -= kind.weight;
                if (at < 0) {
                    return kind;
                }
            }
            throw new AssertionError();
        }
    }

    /**
     * A step of a history.
     *
     * @param seed of all that is left to chance in it
     */
    record Step(Kind kind, long seed) {}

    /** What is left to chance; without a source nothing goes wrong, and everything is as much as it can be. */
    private record Chance(@Nullable SplittableRandom source) {

        private int below(int bound) {
            return source == null ? bound - 1 : source.nextInt(bound);
        }

        private long below(long bound) {
            return source == null ? bound - 1 : source.nextLong(bound);
        }

        private boolean isLost() {
            return source != null && source.nextInt(LOST_IN) == 0;
        }
    }

    /** A promise that was broken. */
    static final class BrokenPromise extends RuntimeException {
        private static final long serialVersionUID = 1;

        BrokenPromise(String message) {
            super(message);
        }
    }

    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;
    private static final int LOST_IN = 20; // every so many requests or answers
    private static final long READABLE = 30 * MINUTE; // how far back a group may read again
    private static final long MOST_SKEW = 10 * MINUTE;
    private static final long LONGEST_PAUSE = 2 * MINUTE;
    private static final int MOST_INSTANCES = 3;

    private final LedgerProtocol ledger;
    private final @Nullable Flaw flaw;

    private long time = 24 * 60 * MINUTE;
    private long skew;
    private int instances;
    private int keys;

    private record Published(Event event, long at) {}

    private final List<Published> topic = new ArrayList<>();
    private int committed;

    /** An effect that somebody outside has seen. */
    private static final class Effect {
        private @Nullable Long writtenAt;
        private boolean excused;
    }

    private final Map<Integer, List<Effect>> effects = new HashMap<>();

    /** The keys whose rows were rightly purged. */
    private final Set<Integer> forgotten = new HashSet<>();

    /** A delivery in an instance. */
    private static final class Hand {
        private final Lease lease;
        private int attempt;
        private boolean acted;
        private @Nullable DeliveryStatus outcome;
        private @Nullable Long pause;
        private @Nullable Effect effect;

        /** Whether it was rightly given to others meanwhile. */
        private boolean isTakenAway;

        private Hand(Lease lease) {
            this.lease = lease;
        }
    }

    private final class Instance {
        private final UUID id = new UUID(0, ++instances);
        private final Heartbeats heartbeats =
                new Heartbeats(Duration.ofMillis(LedgerProtocol.HEARTBEAT_TIMEOUT), () -> time * 1_000_000);
        private final List<Hand> hands = new ArrayList<>();
        private boolean frozen;
        private long lastBeat = time;
        private long nextBeat = time;
        private long nextLook = time;
        private @Nullable Long clockAhead;
    }

    private final List<Instance> living = new ArrayList<>();

    LedgerWorld(LedgerProtocol ledger, @Nullable Flaw flaw) {
        this.ledger = ledger;
        this.flaw = flaw;
        ledger.setClock(time);
        living.add(new Instance());
    }

    /** Does a step, as far as there is something for it to do. */
    void take(Step step) {
        Chance chance = new Chance(new SplittableRandom(step.seed()));
        // No two steps happen at the same time, or the order of what is due would be left to chance.
        pass(1 + chance.below(20), chance);
        switch (step.kind()) {
            case PUBLISH -> publish(chance);
            case READ -> read(any(awake(), chance), chance);
            case READ_AGAIN -> readAgain(chance);
            case TAKE -> takeDue(any(awake(), chance), chance);
            case BEGIN -> withHand(chance, hand -> hand.attempt == 0, this::begin);
            case ACT -> withHand(chance, hand -> hand.attempt > 0 && !hand.acted, this::act);
            case FINISH -> withHand(chance, hand -> hand.acted, this::finish);
            case WAIT -> withHand(chance, hand -> hand.attempt > 0 && !hand.acted, this::waitFor);
            case TIME -> pass(chance.below(5 * SECOND), chance);
            case LEAP -> leap(chance.below(40 * MINUTE));
            case FREEZE -> freeze(any(awake(), chance));
            case THAW -> living.forEach(instance -> instance.frozen = false);
            case CRASH -> crash(any(living, chance));
            case START -> start();
            case STOP -> stop(any(awake(), chance), chance);
            case CLOCK -> setSkew(chance.below(2 * MOST_SKEW) - MOST_SKEW);
            case PUT_OFF -> putOff(chance);
            case RETRY -> ledger.retry(anyKey(chance));
            case CANCEL -> ledger.cancel(anyKey(chance));
            case PURGE -> purge();
            default -> throw new IllegalStateException(step.toString());
        }
    }

    private List<Instance> awake() {
        return living.stream().filter(instance -> !instance.frozen).toList();
    }

    private static @Nullable Instance any(List<Instance> some, Chance chance) {
        return some.isEmpty() ? null : some.get(chance.below(some.size()));
    }

    private int anyKey(Chance chance) {
        return chance.below(keys + 1);
    }

    // Time

    private void pass(long millis, Chance chance) {
        long until = time + millis;
        while (true) {
            Instance next = null;
            for (Instance instance : living) {
                if (!instance.frozen && (next == null || dueAt(instance) < dueAt(next))) {
                    next = instance;
                }
            }
            if (next == null || dueAt(next) > until) {
                break;
            }
            setTime(Math.max(time + 1, dueAt(next)));
            if (next.nextBeat <= time) {
                beat(next, chance);
            } else {
                look(next);
            }
        }
        setTime(Math.max(time, until));
    }

    private static long dueAt(Instance instance) {
        return Math.min(instance.nextBeat, instance.nextLook);
    }

    /** All of them sleep, as on a machine that is suspended. */
    private void leap(long millis) {
        setTime(time + millis);
    }

    private void setTime(long millis) {
        time = millis;
        ledger.setClock(time + skew);
    }

    private void setSkew(long millis) {
        skew = millis;
        ledger.setClock(time + skew);
    }

    private void beat(Instance instance, Chance chance) {
        instance.nextBeat = time + 2 * SECOND;
        if (chance.isLost()) {
            instance.heartbeats.missed(); // as after any error of the database
            return;
        }
        ledger.heartbeat(instance.id);
        instance.lastBeat = time;
        List<Heartbeat> all = ledger.heartbeats();
        List<Heartbeat> gone = flaw == Flaw.JUDGES_BY_THE_DATABASES_CLOCK
                ? all.stream().filter(Heartbeat::old).toList()
                : instance.heartbeats.gone(all);
        if (gone.isEmpty()) {
            return;
        }
        if (chance.below(10) == 0) {
            // Between the look and the rescue, a silent instance may beat after all.
            for (Instance late : living) {
                if (late != instance) {
                    setTime(time + 1);
                    ledger.heartbeat(late.id);
                    late.lastBeat = time;
                }
            }
        }
        Map<Integer, Row> before = ledger.leased();
        ledger.rescue(gone);
        Map<Integer, Row> after = ledger.leased();
        before.forEach((key, row) -> {
            if (!row.equals(after.get(key))) {
                takeAwayFrom(row.owner(), key);
            }
        });
    }

    private void takeAwayFrom(@Nullable UUID owner, int key) {
        for (Instance instance : living) {
            if (instance.id.equals(owner)) {
                if (time - instance.lastBeat < LedgerProtocol.HEARTBEAT_TIMEOUT / 2) {
                    throw new BrokenPromise("delivery %d was taken from an instance that beat %d ms ago"
                            .formatted(key, time - instance.lastBeat));
                }
                takeAway(instance.hands, key);
            }
        }
    }

    private static void takeAway(List<Hand> hands, int key) {
        for (Hand hand : hands) {
            if (hand.lease.key() == key) {
                hand.isTakenAway = true;
                excuse(hand);
            }
        }
    }

    private static void excuse(Hand hand) {
        if (hand.effect != null) {
            hand.effect.excused = true;
        }
    }

    /** What {@code stray-deliveries} does every five seconds. */
    private void look(Instance instance) {
        instance.nextLook = time + 5 * SECOND;
        if (instance.clockAhead == null || skew < instance.clockAhead - SECOND) {
            ledger.restartPauses();
        }
        instance.clockAhead = skew;
        Set<Integer> held = new HashSet<>();
        instance.hands.forEach(hand -> held.add(hand.lease.key()));
        ledger.reclaimStrays(instance.id, held);
    }

    // The topic

    private void publish(Chance chance) {
        int key = keys > 0 && chance.below(5) == 0 ? chance.below(keys) : keys++;
        topic.add(new Published(new Event(key, topic.size()), time));
    }

    private void read(@Nullable Instance instance, Chance chance) {
        if (instance == null || committed == topic.size()) {
            return;
        }
        int until = Math.min(topic.size(), committed + 1 + chance.below(5));
        List<Event> batch =
                topic.subList(committed, until).stream().map(Published::event).toList();
        if (flaw == Flaw.COMMITS_BEFORE_RECORDING) {
            committed = until;
            if (chance.isLost()) {
                crash(instance);
                return;
            }
        }
        // As the recorder does: the first of those with the same key.
        Map<Integer, Event> byKey = new HashMap<>();
        batch.forEach(event -> byKey.putIfAbsent(event.key(), event));
        SortedMap<Integer, Row> before = ledger.rows();
        List<Lease> leases = ledger.record(instance.id, byKey.values());
        for (Lease lease : leases) {
            Row row = before.get(lease.key());
            if (row != null
                    && (row.cancelled()
                            || row.event()
                                    >= Objects.requireNonNull(byKey.get(lease.key()))
                                            .number())) {
                throw new BrokenPromise(
                        "delivery %d is done again, though no later event asks for it, or it was cancelled: %s"
                                .formatted(lease.key(), row));
            }
        }
        if (!chance.isLost()) {
            leases.forEach(lease -> instance.hands.add(new Hand(lease)));
        }
        if (!chance.isLost()) {
            committed = until; // otherwise whoever gets the partition reads the same again
        }
    }

    private void readAgain(Chance chance) {
        int from = committed;
        while (from > 0 && topic.get(from - 1).at() > time - READABLE) {
            from--;
        }
        committed = from + chance.below(committed - from + 1);
    }

    // Work

    private void takeDue(@Nullable Instance instance, Chance chance) {
        if (instance == null) {
            return;
        }
        List<Lease> leases = ledger.takeDue(instance.id);
        if (chance.isLost()) {
            return;
        }
        List<Lease> back = new ArrayList<>();
        leases.forEach(lease -> {
            if (chance.below(8) == 0) {
                back.add(lease); // there is no room for it
            } else {
                instance.hands.add(new Hand(lease));
            }
        });
        ledger.release(back);
    }

    private interface Work {
        void of(Instance instance, Hand hand, Chance chance);
    }

    private void withHand(Chance chance, Predicate<Hand> which, Work work) {
        Instance instance = any(awake(), chance);
        if (instance == null) {
            return;
        }
        List<Hand> some = instance.hands.stream().filter(which).toList();
        if (!some.isEmpty()) {
            work.of(instance, some.get(chance.below(some.size())), chance);
        }
    }

    private void begin(Instance instance, Hand hand, Chance chance) {
        OptionalInt attempt = ledger.begin(hand.lease);
        if (chance.isLost()) {
            attempt = ledger.begin(hand.lease);
        }
        if (attempt.isPresent()) {
            Row row = ledger.rows().get(hand.lease.key());
            if (row == null || !instance.id.equals(row.owner())) {
                throw new BrokenPromise("delivery %d is begun by an instance that no longer has it: %s"
                        .formatted(hand.lease.key(), row));
            }
            hand.attempt = attempt.getAsInt();
        } else {
            instance.hands.remove(hand);
        }
    }

    private void act(Instance instance, Hand hand, Chance chance) {
        hand.acted = true;
        switch (chance.below(20)) {
            case 0 -> hand.outcome = DeliveryStatus.FAILED;
            case 1 -> hand.outcome = DeliveryStatus.SKIPPED;
            case 2, 3, 4 -> {
                hand.outcome = DeliveryStatus.DUE;
                hand.pause = chance.below(LONGEST_PAUSE);
            }
            case 5 -> { // it happens, but nobody says so
                hand.outcome = DeliveryStatus.DUE;
                hand.pause = chance.below(LONGEST_PAUSE);
                happen(hand).excused = true;
            }
            default -> {
                hand.outcome = DeliveryStatus.DELIVERED;
                happen(hand);
            }
        }
    }

    private Effect happen(Hand hand) {
        List<Effect> before = effects.computeIfAbsent(hand.lease.key(), key -> new ArrayList<>());
        for (Effect effect : before) {
            if (!hand.isTakenAway && !effect.excused) {
                throw new BrokenPromise("delivery %d has its effect twice, the first one is %s in the ledger"
                        .formatted(hand.lease.key(), effect.writtenAt == null ? "not" : "written"));
            }
        }
        Effect effect = new Effect();
        effect.excused = hand.isTakenAway;
        hand.effect = effect;
        before.add(effect);
        return effect;
    }

    private void finish(Instance instance, Hand hand, Chance chance) {
        DeliveryStatus outcome = hand.outcome == null ? DeliveryStatus.DELIVERED : hand.outcome;
        if (chance.isLost() && flaw == Flaw.LOOKS_AWAY_AFTER_A_LOST_ANSWER) {
            instance.hands.remove(hand);
            return;
        }
        boolean written = ledger.finish(hand.lease, hand.attempt, outcome, hand.pause);
        if (chance.isLost()) {
            ledger.finish(hand.lease, hand.attempt, outcome, hand.pause); // its answer was lost: once more
        }
        if (!written && !hand.isTakenAway) {
            throw new BrokenPromise("the outcome of delivery %d was not written, though nobody else may have it"
                    .formatted(hand.lease.key()));
        }
        if (written && hand.effect != null) {
            hand.effect.writtenAt = time;
        }
        instance.hands.remove(hand);
    }

    private void waitFor(Instance instance, Hand hand, Chance chance) {
        ledger.waitFor(hand.lease, hand.attempt, chance.below(LONGEST_PAUSE));
        instance.hands.remove(hand);
    }

    // Instances and operators

    private void freeze(@Nullable Instance instance) {
        if (instance != null) {
            instance.frozen = true;
        }
    }

    private void crash(@Nullable Instance instance) {
        if (instance != null) {
            instance.hands.forEach(LedgerWorld::excuse);
            living.remove(instance);
        }
    }

    private void start() {
        if (living.size() < MOST_INSTANCES) {
            living.add(new Instance());
        }
    }

    /** Work in progress ends first. */
    private void stop(@Nullable Instance instance, Chance chance) {
        if (instance == null) {
            return;
        }
        for (Hand hand : List.copyOf(instance.hands)) {
            if (hand.attempt > 0) {
                if (!hand.acted) {
                    act(instance, hand, chance);
                }
                finish(instance, hand, chance);
            }
        }
        ledger.leave(instance.id);
        living.remove(instance);
    }

    private void putOff(Chance chance) {
        if (topic.isEmpty()) {
            return;
        }
        Event event = topic.get(chance.below(topic.size())).event();
        Row row = ledger.rows().get(event.key());
        if (row == null || row.isOver()) {
            return; // done, or gone from the ledger: it would be done again, as it is meant to
        }
        ledger.putOff(new Event(event.key(), Math.max(event.number(), row.event())));
        living.forEach(instance -> takeAway(instance.hands, event.key()));
    }

    /** What was kept long enough may be done again by a new event. */
    private void purge() {
        Set<Integer> purged = new HashSet<>(ledger.rows().keySet());
        ledger.purge();
        purged.removeAll(ledger.rows().keySet());
        for (int key : purged) {
            List<Effect> its = effects.getOrDefault(key, List.of());
            its.forEach(effect -> effect.excused |=
                    effect.writtenAt != null && time - effect.writtenAt >= LedgerProtocol.KEPT - 2 * MOST_SKEW);
            if (its.stream().allMatch(effect -> effect.excused)) {
                forgotten.add(key);
            }
            // What somebody still has of it is of a row with another id: nothing it writes is of the next one.
            living.forEach(instance -> instance.hands.removeIf(hand -> hand.lease.key() == key));
        }
    }

    // When all is quiet

    /** Everybody works without faults, until nothing is left to do; then nothing may be missing. */
    void settle() {
        Chance calm = new Chance(null);
        living.forEach(instance -> instance.frozen = false);
        // Its start also restarts pauses that nobody saw lengthen: of a clock that was set forward and back between two
        // looks (ADR 64).
        living.add(new Instance());
        long until = time + 2 * LONGEST_PAUSE + 2 * MINUTE;
        while (!isDone() && time < until) {
            pass(SECOND, calm);
            for (Instance instance : List.copyOf(living)) {
                read(instance, calm);
                takeDue(instance, calm);
                for (Hand hand : List.copyOf(instance.hands)) {
                    if (hand.attempt == 0) {
                        begin(instance, hand, calm);
                    }
                    if (hand.attempt > 0 && !hand.acted) {
                        act(instance, hand, calm);
                    }
                    if (hand.acted) {
                        finish(instance, hand, calm);
                    }
                }
            }
        }
        check(ledger.rows());
    }

    private boolean isDone() {
        return committed == topic.size()
                && living.stream().allMatch(instance -> instance.hands.isEmpty())
                && ledger.rows().values().stream().allMatch(Row::isOver);
    }

    private void check(SortedMap<Integer, Row> rows) {
        if (committed < topic.size()) {
            throw new BrokenPromise("events are not read: %d of %d".formatted(topic.size() - committed, topic.size()));
        }
        rows.forEach((key, row) -> {
            if (!row.isOver()) {
                throw new BrokenPromise("delivery %d is never done: %s".formatted(key, row));
            }
            Collection<Integer> attempts =
                    IntStream.rangeClosed(1, row.attempts()).boxed().toList();
            if (!row.written().containsAll(attempts)) {
                throw new BrokenPromise("delivery %d has had %d attempts, and only %s are in the ledger"
                        .formatted(key, row.attempts(), row.written()));
            }
            if (row.status().equals("delivered") && !effects.containsKey(key)) {
                throw new BrokenPromise("delivery %d is delivered without an effect".formatted(key));
            }
        });
        for (Published published : topic) {
            int key = published.event().key();
            if (!rows.containsKey(key) && !forgotten.contains(key)) {
                throw new BrokenPromise("what was published is not in the ledger: delivery " + key);
            }
        }
    }
}

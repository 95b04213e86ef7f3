package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.delivery.NoRoomException;
import routes.webhook.WebhookCall.State;
import routes.webhook.WebhookScheduler.Result;

/** By a clock of its own, and on one thread. */
class WebhookSchedulerTest {

    private static final Duration SLOW_AFTER = Duration.ofSeconds(1);

    private long now = System.nanoTime();
    private WebhookScheduler scheduler = scheduler(Map.of());

    /** Two connections and one call ahead, two slow connections, memory for eight. */
    private static WebhookScheduler scheduler(Map<String, ?> different) {
        Map<String, Object> settings = new HashMap<>(Map.of(
                "connections", 2,
                "slow-connections", 2,
                "connections-per-endpoint", 10,
                "rate-per-endpoint", 1000,
                "waiting", 8,
                "slow-after", "1s"));
        settings.putAll(different);
        return new WebhookScheduler(WebhookFixtures.settings(settings));
    }

    // Connections

    @Test
    void aReceiverThatIsNewIsCalledOnASlowConnectionAndFromItsFirstAnswerOnAQuickOne() {
        WebhookCall first = call("a");
        assertThat(first.state).isEqualTo(State.SLOW);
        finish(first);

        assertThat(call("a").state).isEqualTo(State.QUICK);
    }

    @Test
    void noMoreCallThanThereAreConnections() {
        well("a", "b", "c", "d");

        WebhookCall one = call("a");
        WebhookCall two = call("b");
        WebhookCall ahead = call("c");
        WebhookCall behind = arrive("d");

        assertThat(ahead.state).as("looked up meanwhile").isEqualTo(State.PREPARING);
        assertThat(ahead.connection).isNotDone();
        assertThat(behind.state).isEqualTo(State.WAITING);

        ended(one, Result.SUCCEEDED);
        assertThat(ahead.state).isEqualTo(State.QUICK);
        assertThat(ahead.connection).isDone();
        assertThat(behind.state).isEqualTo(State.PREPARING);
        ended(two, Result.SUCCEEDED);
        scheduler.prepared(behind, now);
        assertThat(behind.state).isEqualTo(State.QUICK);
    }

    @Test
    void connectionsAreGivenInTheOrderInWhichCallsAreReady() {
        scheduler = scheduler(Map.of("connections", 8, "slow-connections", 8));
        well("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k");
        List<WebhookCall> calling = new ArrayList<>();
        for (String id : List.of("a", "b", "c", "d", "e", "f", "g", "h")) {
            calling.add(call(id));
        }
        WebhookCall first = arrive("i");
        WebhookCall second = arrive("j");
        WebhookCall third = arrive("k");
        for (WebhookCall ready : List.of(third, first, second)) {
            scheduler.prepared(ready, now);
        }

        List<WebhookCall> order = new ArrayList<>();
        for (WebhookCall call : calling.subList(0, 3)) {
            ended(call, Result.SUCCEEDED);
            for (WebhookCall ready : List.of(first, second, third)) {
                if (ready.connection.isDone() && !order.contains(ready)) {
                    order.add(ready);
                }
            }
        }
        assertThat(order).containsExactly(third, first, second);
    }

    @Test
    void asManyOutcomesMayBeUnwrittenAsThereAreConnections() {
        well("a");
        for (int i = 0; i < 5; i++) {
            ended(call("a"), Result.SUCCEEDED);
        }

        WebhookCall next = arrive("a");

        assertThat(scheduler.count(State.FINISHING)).isEqualTo(5);
        assertThat(next.state).isEqualTo(State.WAITING);
    }

    @Test
    void anOutcomeThatIsWrittenMakesRoom() {
        well("a");
        List<WebhookCall> unwritten = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            unwritten.add(call("a"));
            ended(unwritten.get(i), Result.SUCCEEDED);
        }
        WebhookCall next = arrive("a");

        scheduler.done(unwritten.get(0), now);

        assertThat(next.state).isEqualTo(State.PREPARING);
    }

    @Test
    void isIdleUntilACallArrivesAndOnceItIsDone() {
        assertThat(scheduler.isIdle()).isTrue();
        WebhookCall call = call("one");
        assertThat(scheduler.isIdle()).isFalse();

        finish(call);

        assertThat(scheduler.isIdle()).isTrue();
    }

    @Test
    void aCallThatIsDoneBeforeItCalledGivesBackWhatItHad() {
        well("a", "b", "c");
        WebhookCall one = call("a");
        WebhookCall two = arrive("b");
        WebhookCall three = call("c");

        for (WebhookCall call : List.of(one, two, three)) {
            scheduler.done(call, now);
            scheduler.done(call, now);
        }

        assertNothingIsLeft();
        assertThat(scheduler.receiver("b", now).live(now).inFlight()).isZero();
    }

    @Test
    void aCallThatIsDoneWhileItWaitsForAConnectionIsNotConnected() {
        well("a", "b", "c", "d");
        WebhookCall one = call("a");
        call("b");
        WebhookCall ready = call("c");

        scheduler.done(ready, now);
        ended(one, Result.SUCCEEDED);

        assertThat(ready.connection).isNotDone();
        assertThat(call("d").state).isEqualTo(State.QUICK);
    }

    @ParameterizedTest
    @EnumSource(Result.class)
    void whatComesAfterTheEndChangesNothing(Result result) {
        well("a");
        WebhookCall call = call("a");
        finish(call);

        assertThat(scheduler.ended(call, result, Duration.ofSeconds(9), now)).isFalse();

        assertNothingIsLeft();
        assertThat(scheduler.count(Receiver.State.CLOSED, now)).isEqualTo(1);
    }

    // Receivers that are slow

    @Test
    void aCallWithoutAnAnswerGivesItsConnectionToTheOthers() {
        well("hangs", "b", "c", "d");
        WebhookCall hanging = call("hangs");
        call("b");
        WebhookCall ready = call("c");

        tick(SLOW_AFTER.minusMillis(1));
        assertThat(hanging.state).isEqualTo(State.QUICK);
        tick(Duration.ofMillis(1));

        assertThat(hanging.state).isEqualTo(State.SLOW);
        assertThat(ready.state).isEqualTo(State.QUICK);
    }

    @Test
    void whileASlowConnectionIsMissingItKeepsItsOwn() {
        WebhookCall new1 = call("new-1");
        WebhookCall new2 = call("new-2");
        assertThat(new2.state).isEqualTo(State.SLOW);
        finish(new1);
        WebhookCall hanging = call("new-1");
        WebhookCall new3 = call("new-3");

        tick(SLOW_AFTER);
        assertThat(hanging.state).isEqualTo(State.QUICK);
        assertThat(hanging.overdue).isTrue();

        ended(new3, Result.SUCCEEDED);
        tick(Duration.ofMillis(20));
        assertThat(hanging.state).isEqualTo(State.SLOW);
    }

    @Test
    void ofAReceiverThatIsSlowNoOtherCallBeginsAndWhatWaitsGoesBackToTheLedger() {
        scheduler = scheduler(Map.of("connections-per-endpoint", 2));
        well("a");
        well("a");
        call("a");
        WebhookCall other = call("a");
        WebhookCall waiting = arrive("a");
        assertThat(waiting.state).isEqualTo(State.WAITING);

        tick(SLOW_AFTER);

        assertThat(reason(waiting)).isEqualTo("waits for its webhook, which is slow or failing");
        finish(other);
        assertThat(refusal("a")).isEqualTo("it has 1 calls under way");
    }

    @Test
    void oneThatWasSlowTheLastTimeIsCalledOnASlowConnectionUntilItAnswersSoon() {
        well("a");
        WebhookCall slow = call("a");
        tick(SLOW_AFTER);
        finish(slow);

        WebhookCall next = call("a");
        assertThat(next.state).isEqualTo(State.SLOW);
        assertThat(refusal("a")).isNull();
        finish(next);
        assertThat(call("a").state).isEqualTo(State.QUICK);
    }

    @Test
    void withoutASlowConnectionAReceiverThatIsNewWaitsInMemoryAndAFailingOneInTheLedger() {
        well("failing");
        WebhookCall one = call("new-1");
        ended(call("failing"), Result.FAILED);
        call("new-2");

        WebhookCall waiting = arrive("new-3");
        assertThat(waiting.state).isEqualTo(State.WAITING);
        assertThat(refusal("failing")).isEqualTo("too many calls to other webhooks are under way or waiting");

        ended(one, Result.SUCCEEDED);
        assertThat(waiting.state).isEqualTo(State.SLOW);
    }

    // Receivers that fail

    @Test
    void whatWaitsForAReceiverThatFailsGoesBackToTheLedger() {
        scheduler = scheduler(Map.of("connections-per-endpoint", 1));
        well("a");
        WebhookCall failing = call("a");
        WebhookCall waiting = arrive("a");

        assertThat(ended(failing, Result.FAILED)).as("its breaker is open").isFalse();

        assertThat(reason(waiting)).isEqualTo("waits for its webhook, which is slow or failing");
        assertThat(scheduler.count(State.WAITING)).isZero();
    }

    @Test
    void oneThatKeepsFailingIsLeftAloneAndThenTriedOut() {
        for (int i = 0; i < 4; i++) {
            assertThat(ended(call("a"), Result.FAILED)).isFalse();
        }
        assertThat(ended(call("a"), Result.FAILED)).as("its breaker has opened").isTrue();

        assertThat(refusal("a")).startsWith("its circuit breaker is open for ");
        assertThat(scheduler.count(Receiver.State.OPEN, now)).isEqualTo(1);
        assertThat(scheduler.room(Map.of(), now)).containsEntry("a", 0);

        tick(Duration.ofSeconds(7));
        assertThat(scheduler.count(Receiver.State.HALF_OPEN, now)).isEqualTo(1);
        assertThat(scheduler.room(Map.of(), now)).containsEntry("a", 1);
        WebhookCall trial = call("a");
        assertThat(trial.state).isEqualTo(State.SLOW);
        assertThat(refusal("a")).isEqualTo("it has 1 calls under way");
        finish(trial);
        assertThat(scheduler.count(Receiver.State.CLOSED, now)).isEqualTo(1);
    }

    @Test
    void oneThatAsksForAPauseIsLeftAloneForThatLong() {
        well("a");
        assertThat(scheduler.ended(call("a"), Result.FAILED, Duration.ofSeconds(30), now))
                .isTrue();

        assertThat(refusal("a"))
                .isEqualTo("its circuit breaker is open for another 31 s: it keeps failing, or asked for a pause");
        tick(Duration.ofSeconds(29));
        assertThat(refusal("a")).isNotNull();
        tick(Duration.ofSeconds(1));
        assertThat(refusal("a")).isNull();
    }

    @Test
    void oneThatRefusesADeliveryIsWell() {
        well("a");

        assertThat(ended(call("a"), Result.REFUSED)).isFalse();

        assertThat(call("a").state).isEqualTo(State.QUICK);
    }

    @Test
    void afterAResetItIsCalledAtOnce() {
        for (int i = 0; i < 5; i++) {
            ended(call("a"), Result.FAILED);
        }

        scheduler.receiver("a", now).reset();

        assertThat(refusal("a")).isNull();
    }

    // Waiting and fairness

    @Test
    void whatWaitsForARateBeginsWhenItsTimeHasCome() {
        scheduler = scheduler(Map.of("rate-per-endpoint", 2));
        well("a");
        finish(call("a"));
        WebhookCall waiting = arrive("a");
        assertThat(waiting.state).isEqualTo(State.WAITING);

        tick(Duration.ofMillis(499));
        assertThat(waiting.state).isEqualTo(State.WAITING);
        tick(Duration.ofMillis(2));
        assertThat(waiting.state).isEqualTo(State.PREPARING);
        assertThat(waiting.turn).isDone();
    }

    @Test
    void receiversTakeTurnsHoweverMuchWaitsForOneOfThem() {
        scheduler = scheduler(Map.of("connections", 1, "waiting", 100));
        well("busy", "b", "c");
        Deque<WebhookCall> underWay = new ArrayDeque<>(List.of(call("busy"), arrive("busy")));
        List<WebhookCall> waiting = new ArrayList<>();
        for (String id : List.of("busy", "busy", "busy", "b", "b", "c")) {
            waiting.add(arrive(id));
        }

        assertThat(turns(underWay, waiting)).containsExactly("busy", "b", "c", "busy", "b", "busy");
    }

    @Test
    void whatHasToWaitForItsCapDoesNotLoseItsTurn() {
        scheduler = scheduler(Map.of("connections", 1, "slow-connections", 1, "waiting", 100));
        WebhookCall trial = call("new");
        WebhookCall capped = arrive("new");
        WebhookCall other = arrive("other");
        assertThat(List.of(capped.state, other.state)).containsOnly(State.WAITING);

        ended(trial, Result.SUCCEEDED);

        assertThat(capped.state).isEqualTo(State.PREPARING);
        assertThat(other.state).isEqualTo(State.SLOW);
    }

    @Test
    void whoeverComesLaterDoesNotOvertakeWhatWaitsForTheSameReceiver() {
        scheduler = scheduler(Map.of("rate-per-endpoint", 1));
        well("a");
        WebhookCall first = arrive("a");
        now += Duration.ofSeconds(2).toNanos();

        WebhookCall second = arrive("a");

        assertThat(second.state).isEqualTo(State.WAITING);
        tick(Duration.ZERO);
        assertThat(first.state).isEqualTo(State.PREPARING);
        assertThat(second.state).isEqualTo(State.WAITING);
    }

    @Test
    void whatComesAnewTakesHalfOfTheMemoryAtMostAndSharesItEvenly() {
        occupy();

        assertThat(howManyWait("a", true)).as("of four, and some is left").isEqualTo(2);
        assertThat(howManyWait("b", true)).isEqualTo(1);
        assertThat(howManyWait("c", false)).as("of eight").isEqualTo(3);
        assertThat(howManyWait("d", false)).isEqualTo(1);
        assertThat(scheduler.count(State.WAITING)).isEqualTo(7);
    }

    @Test
    void thereIsRoomForAsMuchAsThereIsMemoryLeftAndForWhatAFailingOneMayHave() {
        well("well", "slow");
        ended(call("failing"), Result.FAILED);
        WebhookCall slow = call("slow");
        tick(SLOW_AFTER);
        assertThat(slow.state).isEqualTo(State.SLOW);

        assertThat(scheduler.room(Map.of(), now))
                .containsExactlyInAnyOrderEntriesOf(Map.of("well", 8, "failing", 1, "slow", 0));
        assertThat(scheduler.room(Map.of("well", 3, "failing", 1), now))
                .containsExactlyInAnyOrderEntriesOf(Map.of("well", 1, "failing", 0, "slow", 0));

        call("new");
        assertThat(scheduler.room(Map.of(), now))
                .as("no slow connection is free")
                .containsEntry("failing", 0);
    }

    @Test
    void whoIsNotCalledForLongerThanAnyBreakerIsOpenIsForgotten() {
        scheduler = scheduler(Map.of("breaker-max-pause", "20m"));
        well("idle", "used", "underWay");
        call("underWay");
        tick(Duration.ofMinutes(49));
        finish(call("used"));
        assertThat(scheduler.room(Map.of(), now)).containsOnlyKeys("idle", "used", "underWay");

        tick(Duration.ofMinutes(2));

        assertThat(scheduler.room(Map.of(), now)).containsOnlyKeys("used", "underWay");
    }

    // Leaving

    @Test
    void whatWaitsIsGivenBackWhenTheWorkersLeaveAndWhatIsUnderWayGoesOn() {
        occupy();
        WebhookCall waiting = arrive("a");

        scheduler.giveBack();

        assertThat(reason(waiting)).isEqualTo("its workers are stopping");
        assertThat(scheduler.count(State.WAITING)).isZero();
        assertThat(scheduler.count(State.PREPARING)).isPositive();
        assertThat(arrive("a").state).as("they may be back").isEqualTo(State.WAITING);
    }

    @Test
    void aServiceThatStopsLetsNoneIn() {
        well("a");
        WebhookCall underWay = call("a");
        scheduler.stop();

        assertThat(refusal("a")).isEqualTo("the service is stopping");

        finish(underWay);
        assertNothingIsLeft();
    }

    // All together

    /** Receivers answer after 50 ms, fail, hang and come back for a while; limits hold at each moment, and nothing is left in the end. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void limitsHoldWhateverReceiversDo(long seed) {
        scheduler = scheduler(Map.of("connections", 4, "slow-connections", 3, "waiting", 20));
        Random random = new Random(seed);
        Simulation simulation = new Simulation((id, at) -> switch (random.nextInt(10)) {
            case 0 -> new Answer(15_000, Result.FAILED);
            case 1, 2 -> new Answer(5, Result.FAILED);
            case 3 -> new Answer(1_500, Result.SUCCEEDED);
            case 4 -> new Answer(20, Result.REFUSED);
            default -> new Answer(50, Result.SUCCEEDED);
        });
        for (int millis = 0; millis < 60_000; millis++) {
            if (random.nextInt(10) == 0) {
                simulation.arrive("r" + random.nextInt(8));
            }
            simulation.step();
            assertThat(scheduler.count(State.QUICK)).isLessThanOrEqualTo(4);
            assertThat(scheduler.count(State.SLOW)).isLessThanOrEqualTo(3);
            assertThat(scheduler.count(State.PREPARING) + scheduler.count(State.QUICK))
                    .isLessThanOrEqualTo(4 + 2);
            assertThat(scheduler.count(State.WAITING)).isLessThanOrEqualTo(20);
        }
        for (int millis = 0; millis < 60_000; millis++) {
            simulation.step();
        }
        assertThat(simulation.calls).isEmpty();
        assertNothingIsLeft();
    }

    /** Half of the receivers hang from the beginning, or after they have been well. */
    @ParameterizedTest
    @ValueSource(ints = {0, 5_000})
    void receiversThatHangTakeNoConnectionOfThoseThatAnswer(int wellFor) {
        scheduler = scheduler(Map.of("connections", 4, "slow-connections", 8, "waiting", 200));
        long alone = delivered(0, Integer.MAX_VALUE);

        scheduler = scheduler(Map.of("connections", 4, "slow-connections", 8, "waiting", 200));
        long beside = delivered(4, wellFor);

        assertThat(alone).as("four connections for 30 s, 50 ms a call").isBetween(2_300L, 2_400L);
        assertThat(beside).isGreaterThan(alone * 98 / 100);
    }

    /** How many of those that answer are delivered in the last 30 s of 40. */
    private long delivered(int hanging, int wellFor) {
        long start = now;
        Simulation simulation = new Simulation((id, at) -> id.startsWith("hang") && at - start >= wellFor * 1_000_000L
                ? new Answer(15_000, Result.FAILED)
                : new Answer(50, Result.SUCCEEDED));
        for (int millis = 0; millis < 40_000; millis++) {
            if (millis == 10_000) {
                simulation.delivered.clear();
            }
            for (int i = 0; i < 4; i++) {
                simulation.keepBusy("well-" + i);
            }
            for (int i = 0; i < hanging; i++) {
                simulation.keepBusy("hang-" + i);
            }
            simulation.step();
        }
        return simulation.delivered.stream().filter(id -> id.startsWith("well")).count();
    }

    private record Answer(int millis, Result result) {}

    private interface World {
        Answer answer(String id, long now);
    }

    /** The adapter, the ledger and the receivers in steps of a millisecond. */
    private final class Simulation {

        private final World world;
        private final List<WebhookCall> calls = new ArrayList<>();
        private final Map<WebhookCall, Answer> answers = new HashMap<>();
        private final List<String> delivered = new ArrayList<>();

        Simulation(World world) {
            this.world = world;
        }

        void arrive(String id) {
            WebhookCall call = WebhookFixtures.call(scheduler.receiver(id, now), Runnable::run);
            if (scheduler.enter(call, false, now) == null) {
                calls.add(call);
            }
        }

        /** As the ledger offers as much as there is room for; some always waits. */
        void keepBusy(String id) {
            if (scheduler.receiver(id, now).waiting().size() < 10) {
                arrive(id);
            }
        }

        void step() {
            now += 1_000_000;
            for (WebhookCall call : List.copyOf(calls)) {
                switch (call.state) {
                    case PREPARING, QUICK, SLOW -> goOn(call);
                    case FINISHING -> end(call);
                    case NONE -> calls.remove(call); // given back
                    case WAITING -> {}
                }
            }
            if (now / 1_000_000 % 20 == 0) {
                scheduler.tick(now);
            }
        }

        private void goOn(WebhookCall call) {
            if (!call.connection.isDone()) {
                scheduler.prepared(call, now);
                return;
            }
            String id = call.receiver.id();
            Answer answer = answers.computeIfAbsent(call, unknown -> world.answer(id, now));
            if (now - call.calledAt >= answer.millis() * 1_000_000L) {
                scheduler.ended(call, answer.result(), null, now);
                if (answer.result() == Result.SUCCEEDED) {
                    delivered.add(id);
                }
            }
        }

        private void end(WebhookCall call) {
            scheduler.done(call, now);
            answers.remove(call);
            calls.remove(call);
        }
    }

    /** A call that has come, whatever became of it. */
    private WebhookCall arrive(String id) {
        WebhookCall call = WebhookFixtures.call(scheduler.receiver(id, now), Runnable::run);
        assertThat(scheduler.enter(call, false, now)).isNull();
        return call;
    }

    /** A call that has its turn, and would connect. */
    private WebhookCall call(String id) {
        WebhookCall call = arrive(id);
        assertThat(call.hasTurn()).as(id).isTrue();
        scheduler.prepared(call, now);
        return call;
    }

    /** Why a call would go to the ledger at once; it is not left behind. */
    private @Nullable String refusal(String id) {
        WebhookCall call = WebhookFixtures.call(scheduler.receiver(id, now), Runnable::run);
        String refusal = scheduler.enter(call, false, now);
        if (refusal == null) {
            scheduler.done(call, now);
        }
        return refusal;
    }

    private boolean ended(WebhookCall call, Result result) {
        return scheduler.ended(call, result, null, now);
    }

    private void finish(WebhookCall call) {
        ended(call, Result.SUCCEEDED);
        scheduler.done(call, now);
    }

    /** Has them answer, so that they are known. */
    private void well(String... ids) {
        for (String id : ids) {
            finish(call(id));
        }
    }

    private void tick(Duration later) {
        now += later.toNanos();
        scheduler.tick(now);
    }

    /** Takes all connections, so that whatever comes waits. */
    private void occupy() {
        well("occupied");
        well("occupied");
        for (int i = 0; i < 3; i++) {
            call("occupied");
        }
        well("a", "b", "c", "d"); // on the slow ones
    }

    private int howManyWait(String id, boolean isNew) {
        int waiting = 0;
        while (scheduler.enter(WebhookFixtures.call(scheduler.receiver(id, now), Runnable::run), isNew, now) == null) {
            waiting++;
        }
        return waiting;
    }

    /** In which order calls have their turn, while one after the other ends. */
    private List<String> turns(Deque<WebhookCall> underWay, List<WebhookCall> waiting) {
        List<String> turns = new ArrayList<>();
        while (!underWay.isEmpty()) {
            WebhookCall call = underWay.remove();
            scheduler.prepared(call, now);
            finish(call);
            List<WebhookCall> begun =
                    waiting.stream().filter(WebhookCall::hasTurn).toList();
            waiting.removeAll(begun);
            underWay.addAll(begun);
            begun.forEach(each -> turns.add(each.receiver.id()));
        }
        return turns;
    }

    /** Why a call was given back. */
    private static String reason(WebhookCall call) {
        return call.turn
                .handle((delivery, failure) ->
                        failure instanceof NoRoomException ? String.valueOf(failure.getMessage()) : "it has its turn")
                .getNow("it waits");
    }

    private void assertNothingIsLeft() {
        for (State state : State.values()) {
            assertThat(scheduler.count(state)).as(state.name()).isZero();
        }
    }
}

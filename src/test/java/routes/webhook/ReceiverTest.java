package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** By a clock of its own. */
class ReceiverTest {

    private long now = System.nanoTime();
    private final Receiver receiver = receiver(Map.of("connections-per-endpoint", 4, "rate-per-endpoint", 1000));

    private Receiver receiver(Map<String, ?> settings) {
        return new Receiver("some", WebhookFixtures.settings(settings), now);
    }

    @Test
    void aNewReceiverIsGivenOneCallAtATime() {
        receiver.began(now);

        assertThat(receiver.refusal(now)).isEqualTo("it has 1 calls under way");
    }

    @Test
    void aNewReceiverTakesNoConnectionOfTheOthersUntilItHasAnswered() {
        assertThat(receiver.isWell()).isTrue();
        assertThat(receiver.isQuick()).isFalse();

        succeed();

        assertThat(receiver.isQuick()).isTrue();
    }

    @Test
    void eachSuccessAllowsOneCallMoreAtATimeUpToASetting() {
        for (int i = 0; i < 10; i++) {
            succeed();
        }

        assertThat(receiver.cap(now)).isEqualTo(4);
        assertThat(receiver.isWell()).isTrue();
    }

    @Test
    void oneThatFailsIsGivenOneCallAtATimeUntilItAnswersAgain() {
        for (int i = 0; i < 4; i++) {
            succeed();
        }

        fail();

        assertThat(receiver.cap(now)).isEqualTo(1);
        assertThat(receiver.isWell()).isFalse();
        succeed();
        assertThat(receiver.cap(now)).as("half of before, and one more").isEqualTo(3);
    }

    @Test
    void whileACallIsOverdueNoOtherBeginsBesideIt() {
        succeed();
        succeed();
        receiver.began(now);

        receiver.becameOverdue();

        assertThat(receiver.refusal(now)).isNotNull();
        assertThat(receiver.isWell()).isFalse();
        receiver.ended(true);
        receiver.succeeded(true);
        assertThat(receiver.refusal(now)).isNull();
        assertThat(receiver.isWell()).as("slow the last time").isFalse();
        succeed();
        assertThat(receiver.isWell()).isTrue();
    }

    @Test
    void theBreakerOpensAfterSoManyFailuresInARowAndLetsOneCallTryItOut() {
        failUntilOpen();

        assertThat(receiver.state(now)).isEqualTo(Receiver.State.OPEN);
        assertThat(receiver.cap(now)).isZero();
        assertThat(receiver.openFor(now)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6));

        after(Duration.ofSeconds(6));
        assertThat(receiver.state(now)).isEqualTo(Receiver.State.HALF_OPEN);
        assertThat(receiver.refusal(now)).isNull();
        receiver.began(now);
        assertThat(receiver.refusal(now)).isNotNull();

        receiver.ended(false);
        receiver.succeeded(false);
        assertThat(receiver.state(now)).isEqualTo(Receiver.State.CLOSED);
    }

    @Test
    void eachTrialThatFailsDoublesThePauseUpToTheLongest() {
        failUntilOpen();
        for (int i = 0; i < 12; i++) {
            after(Duration.ofMinutes(7));
            fail();
        }

        assertThat(receiver.openFor(now)).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(6));
    }

    @Test
    void aTrialOfWhichNothingIsKnownLeavesItToBeTriedOut() {
        failUntilOpen();
        after(Duration.ofSeconds(6));
        receiver.began(now);

        receiver.ended(false);

        assertThat(receiver.state(now)).isEqualTo(Receiver.State.HALF_OPEN);
        assertThat(receiver.refusal(now)).isNull();
    }

    @Test
    void oneThatAsksForAPauseIsLeftAloneForThatLongButNotForADay() {
        receiver.began(now);
        receiver.ended(false);
        receiver.failed(now, Duration.ofSeconds(30));
        assertThat(receiver.openFor(now)).isEqualTo(Duration.ofSeconds(30));

        after(Duration.ofSeconds(31));
        receiver.began(now);
        receiver.ended(false);
        receiver.failed(now, Duration.ofDays(1));
        assertThat(receiver.openFor(now)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void itIsCalledNoMoreOftenThanItsRate() {
        Receiver limited = receiver(Map.of("rate-per-endpoint", 2, "connections-per-endpoint", 100));
        for (int i = 0; i < 10; i++) {
            limited.succeeded(false);
        }
        limited.began(now);
        limited.began(now);

        assertThat(limited.refusal(now)).isEqualTo("it has had its 2 calls this second");
        assertThat(limited.room(now)).isZero();
        now += Duration.ofMillis(500).toNanos();
        assertThat(limited.refusal(now)).isNull();
        assertThat(limited.room(now)).isEqualTo(1);
    }

    private void succeed() {
        receiver.began(now);
        receiver.ended(false);
        receiver.succeeded(false);
    }

    private void fail() {
        receiver.began(now);
        receiver.ended(false);
        receiver.failed(now, null);
    }

    private void failUntilOpen() {
        for (int i = 0; i < 4; i++) {
            fail();
            assertThat(receiver.state(now)).isEqualTo(Receiver.State.CLOSED);
        }
        fail();
    }

    private void after(Duration time) {
        now += time.toNanos();
    }
}

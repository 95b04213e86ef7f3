package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** By a clock of its own. */
class WebhookEndpointTest {

    private long now = System.nanoTime();
    private final WebhookEndpoint endpoint = endpoint(Map.of("connections-per-endpoint", 4, "rate-per-endpoint", 1000));

    private WebhookEndpoint endpoint(Map<String, ?> settings) {
        return new WebhookEndpoint("some", WebhookFixtures.settings(settings), now);
    }

    @Test
    void aNewReceiverIsGivenOneCallAtATime() {
        endpoint.began(now);

        assertThat(endpoint.refusal(now)).isEqualTo("it has 1 calls under way");
    }

    @Test
    void aNewReceiverTakesNoConnectionOfTheOthersUntilItHasAnswered() {
        assertThat(endpoint.isWell()).isTrue();
        assertThat(endpoint.isQuick()).isFalse();

        succeed();

        assertThat(endpoint.isQuick()).isTrue();
    }

    @Test
    void eachSuccessAllowsOneCallMoreAtATimeUpToASetting() {
        for (int i = 0; i < 10; i++) {
            succeed();
        }

        assertThat(endpoint.cap(now)).isEqualTo(4);
        assertThat(endpoint.isWell()).isTrue();
    }

    @Test
    void oneThatFailsIsGivenOneCallAtATimeUntilItAnswersAgain() {
        for (int i = 0; i < 4; i++) {
            succeed();
        }

        fail();

        assertThat(endpoint.cap(now)).isEqualTo(1);
        assertThat(endpoint.isWell()).isFalse();
        succeed();
        assertThat(endpoint.cap(now)).as("half of before, and one more").isEqualTo(3);
    }

    @Test
    void whileACallIsOverdueNoOtherBeginsBesideIt() {
        succeed();
        succeed();
        endpoint.began(now);

        endpoint.becameOverdue();

        assertThat(endpoint.refusal(now)).isNotNull();
        assertThat(endpoint.isWell()).isFalse();
        endpoint.ended(true);
        endpoint.succeeded(true);
        assertThat(endpoint.refusal(now)).isNull();
        assertThat(endpoint.isWell()).as("slow the last time").isFalse();
        succeed();
        assertThat(endpoint.isWell()).isTrue();
    }

    @Test
    void theBreakerOpensAfterSoManyFailuresInARowAndLetsOneCallTryItOut() {
        failUntilOpen();

        assertThat(endpoint.state(now)).isEqualTo(WebhookEndpoint.State.OPEN);
        assertThat(endpoint.cap(now)).isZero();
        assertThat(endpoint.openFor(now)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(6));

        after(Duration.ofSeconds(6));
        assertThat(endpoint.state(now)).isEqualTo(WebhookEndpoint.State.HALF_OPEN);
        assertThat(endpoint.refusal(now)).isNull();
        endpoint.began(now);
        assertThat(endpoint.refusal(now)).isNotNull();

        endpoint.ended(false);
        endpoint.succeeded(false);
        assertThat(endpoint.state(now)).isEqualTo(WebhookEndpoint.State.CLOSED);
    }

    @Test
    void eachTrialThatFailsDoublesThePauseUpToTheLongest() {
        failUntilOpen();
        for (int i = 0; i < 12; i++) {
            after(Duration.ofMinutes(7));
            fail();
        }

        assertThat(endpoint.openFor(now)).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(6));
    }

    @Test
    void aTrialOfWhichNothingIsKnownLeavesItToBeTriedOut() {
        failUntilOpen();
        after(Duration.ofSeconds(6));
        endpoint.began(now);

        endpoint.ended(false);

        assertThat(endpoint.state(now)).isEqualTo(WebhookEndpoint.State.HALF_OPEN);
        assertThat(endpoint.refusal(now)).isNull();
    }

    @Test
    void oneThatAsksForAPauseIsLeftAloneForThatLongButNotForADay() {
        endpoint.began(now);
        endpoint.ended(false);
        endpoint.failed(now, Duration.ofSeconds(30));
        assertThat(endpoint.openFor(now)).isEqualTo(Duration.ofSeconds(30));

        after(Duration.ofSeconds(31));
        endpoint.began(now);
        endpoint.ended(false);
        endpoint.failed(now, Duration.ofDays(1));
        assertThat(endpoint.openFor(now)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void itIsCalledNoMoreOftenThanItsRate() {
        WebhookEndpoint limited = endpoint(Map.of("rate-per-endpoint", 2, "connections-per-endpoint", 100));
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
        endpoint.began(now);
        endpoint.ended(false);
        endpoint.succeeded(false);
    }

    private void fail() {
        endpoint.began(now);
        endpoint.ended(false);
        endpoint.failed(now, null);
    }

    private void failUntilOpen() {
        for (int i = 0; i < 4; i++) {
            fail();
            assertThat(endpoint.state(now)).isEqualTo(WebhookEndpoint.State.CLOSED);
        }
        fail();
    }

    private void after(Duration time) {
        now += time.toNanos();
    }
}

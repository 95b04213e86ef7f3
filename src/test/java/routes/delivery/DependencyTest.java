package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DependencyTest {

    private boolean answers;

    private final Dependency server = new Dependency("smtp", "smtp", 3, () -> {
        if (!answers) {
            throw new IOException("refused");
        }
    });

    @Test
    void isAwayAfterSoManyFailuresInARowAndNoFewer() {
        server.failed("timeout");
        server.failed("timeout");
        server.worked();
        server.failed("timeout");
        server.failed("timeout");

        assertThatCode(server::requireBack).doesNotThrowAnyException();

        server.failed("timeout");

        assertThatThrownBy(server::requireBack)
                .isInstanceOf(DeliveryException.Waiting.class)
                .hasMessage("not tried: smtp is down");
    }

    @Test
    void isBackWhenItAnswers() {
        server.failed("refused");
        server.failed("refused");
        server.failed("refused");

        server.ask();
        assertThat(server.isAway()).isTrue();

        answers = true;
        server.ask();
        assertThat(server.isAway()).isFalse();
    }

    @Test
    void itSaysForHowLongItHasBeenDown() {
        assertThat(server.isAwayFor(Duration.ZERO)).isFalse();

        server.refused("not here");

        assertThat(server.isAwayFor(Duration.ZERO)).isTrue();
        assertThat(server.isAwayFor(Duration.ofMinutes(1))).isFalse();
        await().until(() -> server.isAwayFor(Duration.ofMillis(200)));
    }

    @Test
    void whatCannotUseAPartWaitsForTheWhole() {
        Dependency part = new Dependency("smtp-first", "smtp", 1, () -> {});
        part.refused("not here");

        assertThat(Outcome.of(catchThrowableOfType(DeliveryException.class, part::requireBack))
                        .waitsFor())
                .isEqualTo("smtp");
    }

    @Test
    void whatDidNotTakePlaceWaitsForItAndIsNoFailure() {
        Outcome outcome = Outcome.of(new DeliveryException.Waiting("smtp", null));

        assertThat(outcome.status()).isEqualTo(DeliveryStatus.DUE);
        assertThat(outcome.waitsFor()).isEqualTo("smtp");
    }
}

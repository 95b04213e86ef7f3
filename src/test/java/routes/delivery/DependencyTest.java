package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class DependencyTest {

    private boolean answers;

    private final Dependency server = new Dependency("smtp", 3, () -> {
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
    void whatDidNotTakePlaceWaitsForItAndIsNoFailure() {
        Outcome outcome = Outcome.of(new DeliveryException.Waiting("smtp", null));

        assertThat(outcome.status()).isEqualTo(DeliveryStatus.DUE);
        assertThat(outcome.waitsFor()).isEqualTo("smtp");
    }
}

package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MaskingTest {

    @ParameterizedTest
    @CsvSource({
        "550 5.1.1 <grace.hopper@example.com>: unknown, 550 5.1.1 <g***@example.com>: unknown",
        "no addresses here, no addresses here",
        "a@b.example and cd@e.example, a***@b.example and c***@e.example"
    })
    void hidesTheNamesOfMailAddresses(String text, String masked) {
        assertThat(Masking.mask(text)).isEqualTo(masked);
    }

    @Test
    void makesOneLineOfSeveral() {
        assertThat(Masking.mask("busy\r\nINFO forged line")).isEqualTo("busy INFO forged line");
    }

    @Test
    void cutsWhatARemoteSideMakesLong() {
        assertThat(Masking.mask("x".repeat(1_000_000))).hasSize(1000);
    }

    @Test
    void takesNoLongerForALongWordThanForManyShortOnes() {
        String word = "x".repeat(1_000_000);

        assertThat(assertTimeoutPreemptively(Duration.ofSeconds(5), () -> Masking.maskAddresses(word + " a@b.example")))
                .isEqualTo(word + " a***@b.example");
    }

    @Test
    void hasNothingToSayOfNothing() {
        assertThat(Masking.mask(null)).isNull();
    }
}

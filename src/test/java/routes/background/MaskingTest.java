package routes.background;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/unsubscribe?email=ada%40example.com&c=1 | /unsubscribe?email=a***%40example.com&c=1",
                "/go?to=%2Fx%3Femail%3Dada%2540example.com | /go?to=%***%2540example.com",
                "{\"email\":\"ada\\u0040example.com\"} | {\"email\":\"a***\\u0040example.com\"}",
                "<\"ada lovelace\"@example.com> no | <\"***@example.com> no",
                "\"a\\\"d a b\"@example.com | \"***@example.com",
                "\"a d@a b\"@example.com | \"a d***@a***@example.com",
                "{\"to\":\"\\\"ada lovelace\\\"@example.com\"} | {\"to\":\"\\\"***@example.com\"}",
                "lovelace\"@example.com | l***@example.com",
                "ada@[192.0.2.1] and ada@[IPv6:2001:db8::1] | a***@[192.0.2.1] and a***@[IPv6:2001:db8::1]",
                "ada@\u4f8b\u5b50.example | a***@\u4f8b\u5b50.example",
                "ada\uff20example.com | a***\uff20example.com",
                "ada&#64;example.com ada&#x40;example.com | a***&#64;example.com a***&#x40;example.com",
                "ada=40example.com | a***=40example.com",
                "50%40 off, a @ b, @ada, id@ | 50%40 off, a @ b, @ada, id@"
            })
    void hidesThemAlsoAsOtherFormatsWriteThem(String text, String masked) {
        assertThat(Masking.maskAddresses(text)).isEqualTo(masked);
    }

    @Test
    void whatIsCutShowsNoName() {
        String long1 = "x".repeat(900) + "@b.example ";
        String text = long1 + long1 + "y".repeat(160) + " grace.hopper@example.com";

        assertThat(Masking.mask(text)).endsWith(" g***@example.com").doesNotContain("hopper");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@a",
                "\"@a",
                "\\\"@a",
                "\"",
                "a",
                "@",
                "%40",
                "%40a",
                "\\u0040a",
                "x@[",
                " ",
                "\n",
                "\"a",
                "a\"@",
                "@a\""
            })
    void isLinearInWhatRemoteSidesWrite(String some) {
        String text = some.repeat(1_000_000 / some.length()) + "\"@a.example";

        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            Masking.maskAddresses(text);
            assertThat(Masking.mask(text)).hasSizeLessThanOrEqualTo(1000);
        });
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

        assertThat(assertTimeoutPreemptively(
                        Duration.ofSeconds(60), () -> Masking.maskAddresses(word + " a@b.example")))
                .isEqualTo(word + " a***@b.example");
    }

    @Test
    void hasNothingToSayOfNothing() {
        assertThat(Masking.mask(null)).isNull();
    }
}

package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a receiver is left alone that asks for it, whatever it writes (RFC 9110, sections 10.2.3 and 5.6.7). */
class RetryAfterTest {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    @ParameterizedTest
    @CsvSource({"7, 7", "' 120 ', 120", "86400, 86400", "0, 1", "-5, 1", "-0, 1"})
    void secondsAreObeyedBetweenASecondAndADay(String header, long seconds) {
        assertThat(Webhooks.retryAfter(header)).hasSeconds(seconds);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"86401", "2147483648", "9223372036854775808", "18446744073709551617", "1000000000000000000000000"
            })
    void moreThanADayIsADayOfHoweverManyDigits(String header) {
        assertThat(Webhooks.retryAfter(header)).isEqualTo(DAY);
        assertThat(Webhooks.retryAfter("9".repeat(8_000))).isEqualTo(DAY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-9223372036854775809", "-18446744073709551000"})
    void lessThanNothingIsASecondOfHoweverManyDigits(String header) {
        assertThat(Webhooks.retryAfter(header)).isEqualTo(SECOND);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EEE, dd MMM yyyy HH:mm:ss 'GMT'", "EEEE, dd-MMM-yy HH:mm:ss 'GMT'"})
    void aDateIsObeyedInItsFormOfTodayAndInThatOfRfc850(String form) {
        String date = DateTimeFormatter.ofPattern(form, Locale.ROOT)
                .withZone(ZoneOffset.UTC)
                .format(Instant.now().plusSeconds(600));

        assertThat(Webhooks.retryAfter(date)).as(date).isBetween(Duration.ofSeconds(590), Duration.ofSeconds(600));
    }

    @Test
    void aDateThatIsFarAwayIsADayAndOneThatIsOverASecond() {
        assertThat(Webhooks.retryAfter("Fri, 31 Dec 9999 23:59:59 GMT")).isEqualTo(DAY);
        assertThat(Webhooks.retryAfter("Sun, 06 Nov 1994 08:49:37 GMT")).isEqualTo(SECOND);
        assertThat(Webhooks.retryAfter("Fri, 31 Dec 99999 23:59:59 GMT")).isEqualTo(DAY);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                " ",
                "soon",
                "1.5",
                "+7",
                "7 s",
                "\u0667",
                "0x10",
                "2026-11-28T08:00:00Z",
                "Fri, 99 Dec 9999 23:59:59 GMT"
            })
    void whatIsNeitherAsksForNothing(String header) {
        assertThat(Webhooks.retryAfter(header)).isNull();
    }
}

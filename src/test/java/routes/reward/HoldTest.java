package routes.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.delivery.DeliveryException;
import routes.delivery.Outcome;

/** How long a reward is held, as rewards and campaigns say it. */
class HoldTest {

    @ParameterizedTest
    @CsvSource({
        "0, PT0S",
        "0s, PT0S",
        "36h, PT36H",
        "7d, P7D",
        "90d, P90D",
        "1500ms, PT1.5S",
        "P7D, P7D",
        "PT36H, PT36H",
        "P90D, P90D"
    })
    void aDurationIsWrittenAsInTheSettingsOrInIso8601(String text, Duration hold) {
        assertThat(Hold.configured(text, null)).isEqualTo(hold);
        assertThat(Hold.configured(null, text)).isEqualTo(hold);
    }

    @Test
    void theRewardsOwnComesFirst() {
        assertThat(Hold.configured("0s", "7d")).isZero();
        assertThat(Hold.configured("2d", "nonsense")).isEqualTo(Duration.ofDays(2));
        assertThat(Hold.configured(null, null)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "7",
                "-1s",
                "-P1D",
                "91d",
                "P90DT1S",
                "soon",
                "7 days",
                "1e9d",
                "true",
                "{\"days\": 7}",
                "99999999999999999999d",
                "9223372036854775807d",
                "P1Y"
            })
    void nonsenseIsRefusedAndSaysWhatIsWrongAndWhere(String text) {
        assertThatThrownBy(() -> Hold.configured(text, "7d"))
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessage(
                        "the reward's delivery_config.hold is \"%s\": it must be a duration from 0 to 90 days,"
                                + " such as 36h, 7d or P7D",
                        text);
        assertThatThrownBy(() -> Hold.configured(null, text))
                .hasMessageStartingWith("the campaign's referral_config.reward_hold is \"" + text);
    }

    /** What is paid cannot be taken back: neither the database's clock alone ends a hold, nor the machine's. */
    @ParameterizedTest
    @CsvSource({"PT24H, PT24H, PT1M", "PT24H, PT0S, PT12H", "PT37H, PT-2H, PT1H", "PT24H, PT11H, PT1H"})
    void itHasNotEndedWhileOneOfTheClocksSaysSo(Duration ago, Duration databaseIsAhead, Duration wait)
            throws Exception {
        Instant now = Instant.now();
        ResultSet row = row(now.minus(ago), now.plus(databaseIsAhead));

        Outcome outcome = Outcome.of(
                catchThrowableOfType(DeliveryException.Held.class, () -> Hold.requireOver(row, now.minus(ago))));

        assertThat(outcome.retryAfter()).isEqualTo(wait);
    }

    @Test
    void itHasEndedWhenBothClocksSaySo() {
        Instant now = Instant.now();

        assertThatNoException()
                .isThrownBy(() ->
                        Hold.requireOver(row(now.minus(Duration.ofHours(37)), now), now.minus(Duration.ofHours(37))));
    }

    /** A reward that is held for 36 hours. */
    private static ResultSet row(Instant created, Instant now) throws SQLException {
        ResultSet row = mock();
        given(row.getString("hold")).willReturn("36h");
        given(row.getObject("created_at", OffsetDateTime.class)).willReturn(created.atOffset(ZoneOffset.UTC));
        given(row.getObject("now", OffsetDateTime.class)).willReturn(now.atOffset(ZoneOffset.UTC));
        return row;
    }
}

package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartOffsetTest {

    /** Kafka refuses to look for times before 1970, and an address in a route cannot hold a plus. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0001-01-01T00:00:00Z",
                "1969-12-31T23:59:59.999Z",
                "+300000000-01-01T00:00:00Z",
                "+10000-01-01T00:00:00Z",
                "2026-11-01T00:00:00+02:00",
                "2026-09-31T00:00:00Z",
                "yesterday"
            })
    void whatIsNotATimeThatRecordsHaveIsToldWithWhatToWriteInstead(String start) {
        assertThatThrownBy(() -> StartOffset.of(start))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("write earliest, latest, or a time since 1970 such as 2026-11-01T00:00:00Z");
    }

    @Test
    void theFirstTimeThatARecordMayHaveIsOne() {
        assertThat(StartOffset.of("1970-01-01T00:00:00Z")).isNotNull();
    }
}

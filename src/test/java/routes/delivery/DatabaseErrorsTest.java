package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.SQLExceptionOverride.Override;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.DataAccessResourceFailureException;

class DatabaseErrorsTest {

    @ParameterizedTest
    @ValueSource(strings = {"22021", "23505", "44000", "54000", "P0001"})
    void whatSpeaksOfARowIsNotTriedAgain(String state) {
        assertThat(DatabaseErrors.isOfTheData(failure(state))).isTrue();
        assertThat(new DatabaseErrors().adjudicate(new SQLException("", state))).isEqualTo(Override.CONTINUE_EVICT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"25006", "57P01", "57P02", "57P03", "53100", "53200", "53300", "08006", "26000", "42P05"})
    void aSessionThatIsOfNoMoreUseLeavesThePool(String state) {
        assertThat(DatabaseErrors.isOfTheData(failure(state))).isFalse();
        assertThat(new DatabaseErrors().adjudicate(new SQLException("", state))).isEqualTo(Override.MUST_EVICT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"40001", "40P01", "42501", "55P03", "57014"})
    void whatMayBeOtherwiseInAMomentIsTriedAgainOnTheSameSession(String state) {
        assertThat(DatabaseErrors.isOfTheData(failure(state))).isFalse();
        assertThat(new DatabaseErrors().adjudicate(new SQLException("", state))).isEqualTo(Override.CONTINUE_EVICT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"42501", "53300", "57P01", "08006", "25006"})
    void whatTheDatabaseRefusesToAnybodyUsesUpNoAttempt(String state) {
        Outcome outcome = Outcome.of(new IllegalStateException("a step of a route", failure(state)));

        assertThat(outcome.tried()).isFalse();
        assertThat(outcome.retryAfter()).isEqualTo(Duration.ofSeconds(10));
        assertThat(Outcome.of(new IllegalStateException(failure("57014"))).tried())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"55P03,true", "40P01,true", "57014,false", "40001,false"})
    void whoWaitedInVainForALockMayTryAgain(String state, boolean ofALock) {
        assertThat(DatabaseErrors.isOfALock(failure(state))).isEqualTo(ofALock);
    }

    @Test
    void whatBearsNoStateIsNotOfTheData() {
        assertThat(DatabaseErrors.isOfTheData(new IllegalStateException())).isFalse();
        assertThat(new DatabaseErrors().adjudicate(new SQLException())).isEqualTo(Override.CONTINUE_EVICT);
    }

    private static Throwable failure(String state) {
        return new DataAccessResourceFailureException("", new SQLException("", state));
    }
}

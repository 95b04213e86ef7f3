package routes.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.mockito.Mockito.mock;

import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.web.ErrorResponseException;
import routes.api.ApiKey;

/** The boards over HTTP while the database is down. */
class LeaderboardControllerTest {

    private final Standings standings = mock(Standings.class, call -> {
        throw new DataAccessResourceFailureException("down");
    });
    private final LeaderboardController boards = new LeaderboardController(standings, mock(ApiKey.class));
    private final String campaign = UUID.randomUUID().toString();
    private final String person = UUID.randomUUID().toString();

    @Test
    void whileTheDatabaseIsDownEachRequestIsToBeRepeated() {
        assertUnavailable(() -> boards.leaderboard(null, campaign, 20, null));
        assertUnavailable(() -> boards.leaderboard(null, campaign, 20, person));
        assertUnavailable(() -> boards.standing(null, campaign, person));
    }

    private static void assertUnavailable(ThrowingCallable request) {
        ErrorResponseException problem = catchThrowableOfType(ErrorResponseException.class, request);

        assertThat(problem.getStatusCode().value()).isEqualTo(503);
        assertThat(problem.getBody().getDetail()).isEqualTo("The leaderboard cannot be read at the moment.");
    }
}

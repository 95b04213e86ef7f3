package routes.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.mockito.Mockito.mock;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    private final LeaderboardController boards = new LeaderboardController(standings, mock(ApiKey.class), 20);
    private final String campaign = UUID.randomUUID().toString();
    private final String person = UUID.randomUUID().toString();

    @Test
    void whileTheDatabaseIsDownEachRequestIsToBeRepeated() {
        assertUnavailable(() -> boards.leaderboard(null, campaign, 20, null));
        assertUnavailable(() -> boards.leaderboard(null, campaign, 20, person));
        assertUnavailable(() -> boards.standing(null, campaign, person));
    }

    /** Such as behind an ALTER TABLE of the application that waits for a dump. */
    @Test
    void readsThatAllWaitLeaveHalfOfThePoolToOthers() throws Exception {
        CountDownLatch lock = new CountDownLatch(1);
        CountDownLatch reading = new CountDownLatch(2);
        Standings waiting = mock(Standings.class, call -> {
            reading.countDown();
            lock.await();
            return Optional.empty();
        });
        LeaderboardController four = new LeaderboardController(waiting, mock(ApiKey.class), 4);
        try {
            for (int i = 0; i < 2; i++) {
                CompletableFuture.runAsync(() -> four.standing(null, campaign, person));
            }
            assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();

            ErrorResponseException problem = catchThrowableOfType(
                    ErrorResponseException.class,
                    () -> assertTimeoutPreemptively(
                            Duration.ofSeconds(30), () -> four.standing(null, campaign, person)));

            assertThat(problem).as("who is refused").isNotNull();
            assertThat(problem.getStatusCode().value()).isEqualTo(503);
            assertThat(problem.getHeaders().getFirst("Retry-After")).isEqualTo("1");
        } finally {
            lock.countDown();
        }
    }

    private static void assertUnavailable(ThrowingCallable request) {
        ErrorResponseException problem = catchThrowableOfType(ErrorResponseException.class, request);

        assertThat(problem.getStatusCode().value()).isEqualTo(503);
        assertThat(problem.getBody().getDetail()).isEqualTo("The leaderboard cannot be read at the moment.");
    }
}

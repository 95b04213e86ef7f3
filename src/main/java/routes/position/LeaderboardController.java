package routes.position;

import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import routes.api.ApiKey;
import routes.api.Problems;
import routes.event.Ids;
import routes.position.Standings.Standing;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code GET /campaigns/{id}/leaderboard}: a campaign's board as last recalculated, and the standing of a person. Names are
 * shortened to the first name and an initial. Errors are problem+json (RFC 9457).
 */
@OnRole(Role.PUBLISH)
@RestController
class LeaderboardController {

    private static final Logger LOG = LoggerFactory.getLogger(LeaderboardController.class);

    private static final int MAX_LIMIT = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Standings standings;
    private final ApiKey key;
    private final Semaphore turns;

    /**
     * Boards for whoever has a key.
     *
     * @param connections in the pool: half of them are left for others, such as the outbox and the look whether this instance is ready,
     *     while all reads wait for a lock of the application
     */
    LeaderboardController(
            Standings standings, ApiKey key, @Value("${spring.datasource.hikari.maximum-pool-size}") int connections) {
        this.standings = standings;
        this.key = key;
        this.turns = new Semaphore(Math.max(1, connections / 2));
    }

    @GetMapping(path = "/campaigns/{campaign}/leaderboard", produces = MediaType.APPLICATION_JSON_VALUE)
    Standings.Page leaderboard(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @PathVariable String campaign,
            @RequestParam(defaultValue = "20") int limit,
            @RequestParam(required = false) @Nullable String after) {
        key.require(authorization);
        if (limit < 1 || limit > MAX_LIMIT) {
            throw Problems.of(
                    HttpStatus.BAD_REQUEST, "Invalid request", "limit must be between 1 and " + MAX_LIMIT + ".");
        }
        UUID board = id("The campaign's id", campaign);
        Standings.Page page = after == null
                ? read(() -> standings.first(board, limit))
                : read(() -> after(board, after, limit)).orElseThrow(() -> notOnTheBoard(after));
        if (after == null && page.standings().isEmpty() && page.next() == null) {
            throw Problems.of(
                    HttpStatus.NOT_FOUND,
                    "No leaderboard",
                    "There is no campaign %s, or it has not been recalculated yet.".formatted(board));
        }
        return page;
    }

    @GetMapping(path = "/campaigns/{campaign}/leaderboard/{user}", produces = MediaType.APPLICATION_JSON_VALUE)
    Standing standing(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @PathVariable String campaign,
            @PathVariable String user) {
        key.require(authorization);
        UUID board = id("The campaign's id", campaign);
        UUID person = id("The person's id", user);
        return read(() -> standings.of(board, person)).orElseThrow(() -> notOnTheBoard(user));
    }

    private <T> T read(Supplier<T> board) {
        if (!isTurn()) {
            throw Problems.busy("Too many leaderboards are being read.");
        }
        try {
            return board.get();
        } catch (DataAccessException e) {
            LOG.warn("A leaderboard cannot be read: {}", e.getMessage());
            throw Problems.of(
                    HttpStatus.SERVICE_UNAVAILABLE, "Not available", "The leaderboard cannot be read at the moment.");
        } finally {
            turns.release();
        }
    }

    private boolean isTurn() {
        try {
            return turns.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Optional<Standings.Page> after(UUID board, String after, int limit) {
        try {
            return standings.after(board, after, limit);
        } catch (IllegalArgumentException e) {
            throw Problems.of(
                    HttpStatus.BAD_REQUEST, "Invalid request", "after is neither the next of a page nor a UUID.");
        }
    }

    private static UUID id(String what, String text) {
        String id = Ids.asRead(text);
        if (!Ids.isUuid(id)) {
            throw Problems.of(HttpStatus.BAD_REQUEST, "Invalid request", what + " is not a UUID.");
        }
        return UUID.fromString(id);
    }

    private static ErrorResponseException notOnTheBoard(String user) {
        return Problems.of(
                HttpStatus.NOT_FOUND, "Not on the board", "The board has nobody with the id %s.".formatted(user));
    }
}

package routes.explain;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import routes.api.ApiKey;
import routes.api.Problems;
import routes.settings.OnRole;
import routes.settings.Role;

/** {@code GET /events/{id}}: the same explanation as the operation {@code events}, for publishers. */
@OnRole(Role.PUBLISH)
@RestController
class EventController {

    /** How many ids are looked up at a time: for an unknown one, all groups' dead letters are read, some MB, and perhaps for long. */
    private static final int MAX_AT_A_TIME = 8;

    private final Explanations explanations;
    private final ApiKey key;
    private final Semaphore room;

    EventController(Explanations explanations, ApiKey key, @Value("${server.tomcat.threads.max:200}") int threads) {
        this.explanations = explanations;
        this.key = key;
        this.room = new Semaphore(Math.max(1, Math.min(MAX_AT_A_TIME, threads / 4)));
    }

    @GetMapping(path = "/events/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    Explained show(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            @PathVariable String id) {
        key.require(authorization);
        String event = EventId.of(id)
                .orElseThrow(() -> Problems.of(
                        HttpStatus.BAD_REQUEST,
                        "Invalid request",
                        "An event's id has 1 to 128 letters, digits, or . _ : -"));
        if (!room.tryAcquire()) {
            throw Problems.busy("As many events are being looked up as may be at a time.");
        }
        try {
            return explanations.explain(event);
        } catch (DataAccessException e) {
            throw Problems.of(
                    HttpStatus.SERVICE_UNAVAILABLE, "Not available", "The ledger cannot be read at the moment.");
        } finally {
            room.release();
        }
    }
}

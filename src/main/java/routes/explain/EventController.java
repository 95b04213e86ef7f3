package routes.explain;

import org.jspecify.annotations.Nullable;
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

    private final Explanations explanations;
    private final ApiKey key;

    EventController(Explanations explanations, ApiKey key) {
        this.explanations = explanations;
        this.key = key;
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
        try {
            return explanations.explain(event);
        } catch (DataAccessException e) {
            throw Problems.of(
                    HttpStatus.SERVICE_UNAVAILABLE, "Not available", "The ledger cannot be read at the moment.");
        }
    }
}

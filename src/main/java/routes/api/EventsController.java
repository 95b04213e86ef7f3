package routes.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import routes.event.DomainEvent;
import routes.event.EventHeaders;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.EventReader;
import routes.event.InvalidEventException;
import routes.event.Published;
import routes.event.PublishingException;
import routes.event.TraceParent;
import routes.event.Violation;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code POST /events}: publishes one event, or an array of them. 202 says where each was written; errors are problem+json
 * (RFC 9457) and name every invalid field.
 */
@OnRole(Role.PUBLISH)
@RestController
class EventsController {

    private static final Logger LOG = LoggerFactory.getLogger(EventsController.class);
    private static final int MAX_EVENTS = 1000;

    /** How many requests are parsed at a time: a JSON tree takes several times the heap of its bytes. */
    private static final int MAX_PARSED = 4;

    private final EventReader reader;
    private final EventPublisher publisher;
    private final ApiKey key;
    private final Bodies bodies;
    private final Semaphore parsed = new Semaphore(MAX_PARSED);

    /** Half of the server's threads: brokers that do not answer hold them for long, and the rest serves what needs no broker. */
    private final Semaphore published;

    EventsController(
            EventReader reader,
            EventPublisher publisher,
            ApiKey key,
            Bodies bodies,
            @Value("${server.tomcat.threads.max:200}") int threads) {
        this.reader = reader;
        this.publisher = publisher;
        this.key = key;
        this.bodies = bodies;
        this.published = new Semaphore(Math.max(1, threads / 2));
    }

    /** Where each event was written, in the order of the request. */
    record Answer(List<Published> published) {}

    /** A violation in one of several events, counted from 0. */
    record EventViolation(int event, String field, String message) {}

    // The response type is settled before anything is published, so a refused caller has published nothing.
    @PostMapping(path = "/events", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Answer> publish(
            @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String authorization,
            HttpServletRequest request) {
        key.requireAtRate(authorization);
        if (!published.tryAcquire()) {
            throw Problems.busy(
                    "As many requests are publishing as may at a time, perhaps because the brokers are slow.");
        }
        try {
            return publish(request);
        } finally {
            published.release();
        }
    }

    private ResponseEntity<Answer> publish(HttpServletRequest request) {
        try (Bodies.Body body = bodies.read(request)) {
            List<DomainEvent> events =
                    parse(body.bytes(), name -> name.equals(TraceParent.NAME) ? request.getHeader(name) : null);
            return ResponseEntity.accepted().body(new Answer(publisher.publish(events)));
        } catch (InvalidEventException e) {
            throw Problems.of(HttpStatus.BAD_REQUEST, "Invalid event", String.valueOf(e.getMessage()));
        } catch (PublishingException e) {
            LOG.warn("Events were not published: {}", e.getMessage());
            throw Problems.of(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "Not acknowledged",
                    "Kafka did not acknowledge all events. Send the request again: no event takes effect twice.");
        }
    }

    private List<DomainEvent> parse(byte[] body, EventHeaders trace) {
        parsed.acquireUninterruptibly();
        try {
            return read(body, trace);
        } finally {
            parsed.release();
        }
    }

    private List<DomainEvent> read(byte[] body, EventHeaders trace) {
        JsonNode json = json(body);
        List<JsonNode> nodes = json.isArray() ? json.valueStream().toList() : List.of(json);
        if (nodes.isEmpty() || nodes.size() > MAX_EVENTS) {
            throw Problems.of(
                    HttpStatus.BAD_REQUEST,
                    "Invalid request",
                    "The array has %d events; 1 to %d are allowed.".formatted(nodes.size(), MAX_EVENTS));
        }
        List<DomainEvent> events = new ArrayList<>();
        List<EventViolation> violations = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            try {
                events.add(reader.read(nodes.get(i), trace));
            } catch (InvalidEventException e) {
                for (Violation violation : e.violations()) {
                    violations.add(new EventViolation(i, violation.field(), violation.message()));
                }
            }
        }
        if (!violations.isEmpty()) {
            ErrorResponseException invalid = Problems.of(
                    HttpStatus.BAD_REQUEST,
                    "Invalid event",
                    "Nothing was published: %d violations are listed.".formatted(violations.size()));
            invalid.getBody().setProperties(Map.of("violations", violations));
            throw invalid;
        }
        return events;
    }

    private static JsonNode json(byte[] body) {
        if (body.length == 0) {
            throw Problems.of(
                    HttpStatus.BAD_REQUEST,
                    "Invalid request",
                    "The body is empty: send an event or an array of events.");
        }
        try {
            return EventJson.tree(body);
        } catch (StreamConstraintsException e) {
            throw Problems.of(
                    HttpStatus.BAD_REQUEST,
                    "Invalid request",
                    "The body is nested too deeply, or has too many values or too long a string.");
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line %d, column %d"
                            .formatted(
                                    e.getLocation().getLineNr(), e.getLocation().getColumnNr());
            throw Problems.of(
                    HttpStatus.BAD_REQUEST,
                    "Invalid JSON",
                    "The body is not valid JSON: parsing failed%s.".formatted(where));
        } catch (IOException e) {
            throw Problems.of(HttpStatus.BAD_REQUEST, "Invalid request", "The body could not be read.");
        }
    }
}

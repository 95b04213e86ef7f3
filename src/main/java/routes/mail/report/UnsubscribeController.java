package routes.mail.report;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import routes.background.RateLimit;
import routes.event.Sha256;
import routes.mail.UnsubscribeTokens;
import routes.mail.UnsubscribeTokens.Subscription;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code /unsubscribe/{token}}: POST unsubscribes, as a mail client's button does (RFC 8058); GET shows a page with a button
 * that does, and changes nothing, since scanners of mail follow links. The token is all that is asked for, and no body is read.
 */
@OnRole(Role.PUBLISH)
@RestController
class UnsubscribeController {

    private static final Logger LOG = LoggerFactory.getLogger(UnsubscribeController.class);

    /** Per second, on this instance. Only valid tokens count, so that others cannot use it up. */
    private static final int RATE = 100;

    private final UnsubscribeTokens tokens;
    private final MailReports reports;
    private final MeterRegistry metrics;
    private final Bucket rate = RateLimit.perSecond(RATE, RATE);
    private final Template page;
    private final String policy;

    UnsubscribeController(UnsubscribeTokens tokens, MailReports reports, MeterRegistry metrics) throws IOException {
        this.tokens = tokens;
        this.reports = reports;
        this.metrics = metrics;
        String text = new ClassPathResource("pages/unsubscribe.mustache").getContentAsString(StandardCharsets.UTF_8);
        String style = text.substring(text.indexOf("<style>") + "<style>".length(), text.indexOf("</style>"));
        this.page = Mustache.compiler().compile(text);
        this.policy =
                "default-src 'none'; style-src 'sha256-%s'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
                        .formatted(Base64.getEncoder().encodeToString(Sha256.of(style)));
    }

    @GetMapping(path = "/unsubscribe/{token}")
    ResponseEntity<byte[]> ask(@PathVariable String token) {
        return tokens.open(token).isPresent() ? page(HttpStatus.OK, "ask") : page(HttpStatus.NOT_FOUND, "unknown");
    }

    @PostMapping(path = "/unsubscribe/{token}")
    ResponseEntity<byte[]> unsubscribe(@PathVariable String token) {
        Optional<Subscription> subscription = tokens.open(token);
        if (subscription.isEmpty()) {
            return counted("forged", HttpStatus.NOT_FOUND, "unknown");
        }
        if (!rate.tryConsume(1)) {
            return counted("limited", HttpStatus.TOO_MANY_REQUESTS, "later");
        }
        try {
            end(subscription.get());
            return counted("taken", HttpStatus.OK, "done");
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("Somebody could not be unsubscribed, and was asked to retry", e);
            return counted("failed", HttpStatus.SERVICE_UNAVAILABLE, "later");
        }
    }

    private void end(Subscription its) {
        // Once a day: whoever was let in again, and presses the button of the same mail again, means it.
        String id = "%s/%s".formatted(its.delivery(), LocalDate.now(ZoneOffset.UTC));
        boolean known = reports.take(new MailReport(
                "unsubscribe",
                id,
                MailReport.Kind.UNSUBSCRIBE,
                its.delivery(),
                its.address(),
                null,
                "the recipient unsubscribed"));
        if (!known) {
            reports.unsubscribe(its.campaignId(), its.address());
        }
    }

    private ResponseEntity<byte[]> counted(String outcome, HttpStatus status, String part) {
        metrics.counter("domain.events.unsubscribe.requests", "outcome", outcome)
                .increment();
        return page(status, part);
    }

    private ResponseEntity<byte[]> page(HttpStatus status, String part) {
        ResponseEntity.BodyBuilder response = ResponseEntity.status(status)
                .contentType(MediaType.valueOf("text/html;charset=UTF-8"))
                .header("Content-Security-Policy", policy)
                .header("Referrer-Policy", "no-referrer")
                .header("X-Content-Type-Options", "nosniff")
                .header(HttpHeaders.CACHE_CONTROL, "no-store");
        if (part.equals("later")) {
            response.header(HttpHeaders.RETRY_AFTER, "60");
        }
        return response.body(page.execute(Map.of(part, true)).getBytes(StandardCharsets.UTF_8));
    }
}

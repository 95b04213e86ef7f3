package routes.mail.report.hook;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hc.client5.http.classic.HttpClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import routes.api.Bodies;
import routes.api.Problems;
import routes.background.RateLimit;
import routes.mail.ReportsSettings;
import routes.mail.report.MailReport;
import routes.mail.report.MailReports;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code POST /reports/{provider}}: takes reports of bounces, complaints and unsubscriptions. 200 means that they were acted on,
 * or need no action; providers repeat anything else. Errors are problem+json (RFC 9457).
 */
@OnRole(Role.PUBLISH)
@RestController
class ReportsController {

    private static final Logger LOG = LoggerFactory.getLogger(ReportsController.class);

    /** SendGrid's batches are the largest. */
    private static final int MAX_BYTES = 1024 * 1024;

    private final Map<String, ReportFormat> formats = ReportFormat.all();
    private final ReportsSettings settings;
    private final Signatures signatures;
    private final MailReports reports;
    private final MeterRegistry metrics;
    private final Bucket rate;

    /** Separate from the bodies with events, which must not wait for callers without a key. */
    private final Bodies bodies = new Bodies(2 * MAX_BYTES);

    ReportsController(
            ReportsSettings settings,
            MailReports reports,
            MeterRegistry metrics,
            @Qualifier("webhookHttpClient") HttpClient http)
            throws IOException {
        this.settings = settings;
        this.signatures = new Signatures(settings, http);
        this.reports = reports;
        this.metrics = metrics;
        this.rate = RateLimit.perSecond(settings.rate(), settings.rate());
    }

    @PostMapping(path = "/reports/{provider}")
    void report(@PathVariable String provider, HttpServletRequest request) {
        ReportFormat format = formats.get(provider);
        if (format == null || settings.of(provider).isEmpty()) {
            throw Problems.of(
                    HttpStatus.NOT_FOUND, "Not found", "There is no such provider, or REPORTS_* does not name it.");
        }
        if (!rate.tryConsume(1)) {
            count(provider, "limited");
            throw Problems.of(HttpStatus.TOO_MANY_REQUESTS, "Retry later", "Too many requests at a time.");
        }
        try (Bodies.Body body = bodies.read(request, MAX_BYTES)) {
            var posted = new Posted(body.bytes(), new ServletServerHttpRequest(request).getHeaders(), Instant.now());
            JsonNode sent = signatures.verified(provider, posted);
            for (JsonNode event : sent.isArray() ? sent : List.of(sent)) {
                Optional<MailReport> report = format.read(provider, event);
                count(provider, report.isEmpty() ? "ignored" : reports.take(report.get()) ? "taken" : "unknown");
            }
        } catch (ErrorResponseException e) {
            count(
                    provider,
                    switch (e.getStatusCode().value()) {
                        case 401 -> "forged";
                        case 503 -> "failed";
                        default -> "malformed";
                    });
            throw e;
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("A report of {} could not be written, and is to be repeated", provider, e);
            count(provider, "failed");
            throw Problems.of(HttpStatus.SERVICE_UNAVAILABLE, "Retry later", "The database does not answer.");
        }
    }

    private void count(String provider, String outcome) {
        metrics.counter("domain.events.reports.received", "provider", provider, "outcome", outcome)
                .increment();
    }
}

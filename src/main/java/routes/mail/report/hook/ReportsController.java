package routes.mail.report.hook;

import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hc.client5.http.classic.HttpClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
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

    /** Of all bodies: separate from those with events, which must not wait for callers without a key. */
    private static final int MAX_BYTES_IN_FLIGHT = 2 * MAX_BYTES;

    private final Map<String, ReportProvider> providers;
    private final Map<String, Bucket> rates;
    private final MailReports reports;
    private final MeterRegistry metrics;
    private final Bodies bodies = new Bodies(MAX_BYTES_IN_FLIGHT);
    private final Bucket lines = RateLimit.onePerMinute();

    @Autowired
    ReportsController(
            ReportsSettings settings,
            MailReports reports,
            MeterRegistry metrics,
            @Qualifier("webhookHttpClient") HttpClient http) {
        this(settings, reports, metrics, new GuardedFetch(http));
    }

    ReportsController(ReportsSettings settings, MailReports reports, MeterRegistry metrics, SnsMessages.Fetch fetch) {
        this.providers = Stream.<ReportProvider>of(
                        new SesReports(settings, fetch),
                        new PostmarkReports(settings),
                        new SendGridReports(settings),
                        new MailgunReports(settings),
                        new GenericReports(settings))
                .filter(ReportProvider::isOn)
                .collect(Collectors.toMap(ReportProvider::name, Function.identity()));
        this.rates = providers.keySet().stream()
                .collect(Collectors.toMap(
                        Function.identity(), name -> RateLimit.perSecond(settings.rate(), settings.rate())));
        this.reports = reports;
        this.metrics = metrics;
    }

    @PostMapping(path = "/reports/{provider}")
    @ResponseStatus(HttpStatus.OK)
    void report(@PathVariable String provider, HttpServletRequest request) {
        ReportProvider its = providers.get(provider);
        if (its == null) {
            throw Problems.of(HttpStatus.NOT_FOUND, "Not found", "No such provider is set up (REPORTS_*).");
        }
        if (!rates.get(provider).tryConsume(1)) {
            count(provider, "limited");
            throw retryLater(HttpStatus.TOO_MANY_REQUESTS, "Too many requests at a time.");
        }
        try (Bodies.Body body = bodies.read(request, MAX_BYTES)) {
            HttpHeaders headers = new ServletServerHttpRequest(request).getHeaders();
            take(its, its.read(new Posted(body.bytes(), headers, Instant.now())));
        } catch (ErrorResponseException e) {
            refused(provider, e);
            throw e;
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("Reports of {} could not be written, and are to be repeated", provider, e);
            count(provider, "failed");
            throw retryLater(HttpStatus.SERVICE_UNAVAILABLE, "The database does not answer.");
        }
    }

    private void take(ReportProvider provider, List<MailReport> read) {
        for (MailReport report : read) {
            count(provider.name(), reports.take(report) ? "taken" : "unknown");
        }
        if (read.isEmpty()) {
            count(provider.name(), "ignored");
        }
    }

    private void refused(String provider, ErrorResponseException why) {
        boolean isForged = why.getStatusCode() == HttpStatus.UNAUTHORIZED;
        count(provider, isForged ? "forged" : why.getStatusCode().is4xxClientError() ? "malformed" : "failed");
        if (lines.tryConsume(1)) {
            LOG.warn("A report of {} was refused: {}", provider, why.getBody().getDetail());
        }
    }

    private void count(String provider, String outcome) {
        metrics.counter("domain.events.reports.received", "provider", provider, "outcome", outcome)
                .increment();
    }

    private static ErrorResponseException retryLater(HttpStatus status, String detail) {
        ErrorResponseException later = Problems.of(status, "Retry later", detail);
        later.getHeaders().set(HttpHeaders.RETRY_AFTER, "5");
        return later;
    }
}

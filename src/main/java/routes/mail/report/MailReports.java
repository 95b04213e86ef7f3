package routes.mail.report;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.background.Masking;
import routes.event.Sha256;
import routes.mail.MailSettings;
import routes.mail.report.MailReport.Kind;
import routes.mail.smtp.Suppressions;
import routes.settings.Statements;

/** Acts on reports: suppresses addresses, and tells it in the ledger. */
@Component
public class MailReports {

    private final Statements sql;
    private final TransactionTemplate transaction;
    private final Suppressions suppressions;
    private final MailSettings settings;
    private final MeterRegistry metrics;

    MailReports(
            Statements sql,
            TransactionTemplate transaction,
            Suppressions suppressions,
            MailSettings settings,
            MeterRegistry metrics) {
        this.sql = sql;
        this.transaction = transaction;
        this.suppressions = suppressions;
        this.settings = settings;
        this.metrics = metrics;
    }

    /**
     * A mail that was reported.
     *
     * @param ofThePerson the address in the person's row, if there is one
     * @param ofTheEvent the address in the event, which the mail went to if there was no row
     * @param first whether this report of it is new
     */
    private record Reported(
            String campaignId,
            @Nullable String ofThePerson,
            @Nullable String ofTheEvent,
            boolean first) {}

    /**
     * Acts on a report, once: one with the same source and id changes nothing more. An address is suppressed only if the mail can have
     * gone to it; the ledger says what was reported in any case.
     *
     * @return whether it is about a mail that this service sent; if not, nothing was changed
     * @throws org.springframework.dao.DataAccessException if it could not be written: it is to be reported again
     */
    public boolean take(MailReport report) {
        Optional<Reported> mail = transaction.execute(status -> {
            Optional<Reported> found = record(report);
            found.filter(Reported::first)
                    .ifPresent(its -> addresses(report, its).forEach(address -> follow(report, its, address)));
            return found;
        });
        if (mail.filter(Reported::first).isPresent()) {
            count(report.source(), report.kind().value());
        }
        return mail.isPresent();
    }

    /** Counts a report that a source has sent; {@link #take} counts what it acts on. */
    public void count(String source, String kind) {
        metrics.counter("domain.events.mail.reports", "source", source, "kind", kind)
                .increment();
    }

    private Optional<Reported> record(MailReport report) {
        return sql.of("mail/report/record-report")
                .param("source", report.source())
                .param("id", Sha256.hex(report.id()))
                .param("delivery", report.delivery())
                .param("kind", report.kind().value())
                .param("code", Masking.mask(report.code()))
                .param("reason", Masking.mask(report.reason()))
                .query(Reported.class)
                .optional();
    }

    /** Those that it is about. A bounce that names none may be of an address that the person has changed since. */
    private static Set<String> addresses(MailReport report, Reported mail) {
        Set<String> possible = Stream.of(mail.ofThePerson(), mail.ofTheEvent())
                .filter(Objects::nonNull)
                .map(Suppressions::normal)
                .collect(Collectors.toSet());
        if (report.recipient() != null) {
            possible.retainAll(Set.of(Suppressions.normal(report.recipient())));
        } else if (possible.size() > 1 && cause(report).equals("bounce")) {
            possible.clear();
        }
        return possible;
    }

    private static String cause(MailReport report) {
        return switch (report.kind()) {
            case HARD_BOUNCE, SOFT_BOUNCE -> "bounce";
            case COMPLAINT -> "complaint";
            case UNSUBSCRIBE -> "unsubscribe";
        };
    }

    private void follow(MailReport report, Reported mail, String address) {
        String cause = cause(report);
        boolean isForAll =
                cause.equals("complaint") ? settings.complaintsSuppress().equals("all") : cause.equals("bounce");
        if (report.kind() != Kind.SOFT_BOUNCE || isOneTooMany(report, address)) {
            suppressions.suppress(
                    suppressions.digest(address),
                    isForAll ? "" : mail.campaignId(),
                    cause,
                    cause.equals("bounce") ? settings.suppressFor() : null,
                    report.reason(),
                    Masking.mask(report.code()),
                    report.delivery());
        }
    }

    /**
     * Whether too many mails to an address have bounced softly of late. If several are reported in the same moment, it may take one more.
     * A refusal for policy (RFC 3463, section 3.8) does not count: it is about the sender, and would come from everybody.
     */
    private boolean isOneTooMany(MailReport report, String address) {
        if (report.code() != null && report.code().matches("[45]\\.7\\..*")) {
            return false;
        }
        long bounced = sql.of("mail/report/count-soft-bounces")
                .param("source", report.source())
                .param("id", Sha256.hex(report.id()))
                .param("delivery", report.delivery())
                .param("address", suppressions.digest(address))
                .param("addresses", String.join(",", suppressions.digests(address)))
                .param("seconds", settings.softBounceWindow().toSeconds())
                .query(Long.class)
                .single();
        return settings.softBounces() > 0 && bounced >= settings.softBounces();
    }

    /** How many mails were reported of late: {@code kind}, {@code day}, {@code week}. */
    public List<Map<String, Object>> counts() {
        return sql.of("mail/report/count-reports").query().listOfRows();
    }

    /** The latest reports: {@code delivery_id}, {@code outcome}, {@code code}, {@code reason}, {@code reported_at}. */
    public List<Map<String, Object>> latest() {
        return sql.of("mail/report/find-reports").query().listOfRows();
    }

    /**
     * Ends the mails of a campaign to an address, which {@link #take} may not know: the person has another one by now, or the delivery
     * was purged, and the link in its mail still works. Doing so again changes nothing more.
     *
     * @param campaignId the campaign of the mail
     * @param address the address that the mail went to
     * @throws org.springframework.dao.DataAccessException if it could not be written
     */
    public void unsubscribe(String campaignId, String address) {
        suppressions.suppress(
                suppressions.digest(address), campaignId, "unsubscribe", null, "by the link in the mail", null, null);
    }
}

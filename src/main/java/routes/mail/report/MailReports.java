package routes.mail.report;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.background.Masking;
import routes.event.Sha256;
import routes.mail.MailSettings;
import routes.mail.report.MailReport.Kind;
import routes.mail.smtp.Suppressions;
import routes.mail.smtp.Suppressions.Cause;
import routes.settings.Statements;

/** Acts on reports: suppresses addresses, and tells it in the ledger. */
@Component
public class MailReports {

    private static final String FOR_ALL = "";

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

    /** How many mails were reported so. */
    public record Count(String kind, long day, long week) {}

    /** A report, without who it is about. */
    public record Reported(
            UUID deliveryId,
            String outcome,
            @Nullable String code,
            @Nullable String reason,
            Instant reportedAt) {}

    /**
     * A mail, and the addresses to which it can have gone: that of the person's row, unless there was none; then that of the event.
     *
     * @param announcement the fan-out that it is of
     */
    private record SentMail(
            String campaignId,
            int attempts,
            @Nullable String ofThePerson,
            @Nullable String ofTheEvent,
            @Nullable UUID announcement) {}

    /**
     * Acts on a report, once: one with the same source and id changes nothing more. An address is suppressed only if the mail can have
     * gone to it; the ledger says what was reported in any case.
     *
     * @return whether it is about a mail that this service sent; if not, nothing was changed
     * @throws org.springframework.dao.DataAccessException if it could not be written: it is to be reported again
     */
    public boolean take(MailReport report) {
        Optional<SentMail> mail = sql.of("mail/report/find-mail")
                .param("delivery", report.delivery())
                .query(SentMail.class)
                .optional();
        mail.ifPresent(sent -> {
            if (Boolean.TRUE.equals(transaction.execute(status -> act(report, sent)))) {
                count(report.source(), report.kind().name().toLowerCase(Locale.ROOT));
            }
        });
        return mail.isPresent();
    }

    /** Counts a report that a source has sent; {@link #take} counts what it acts on. */
    public void count(String source, String kind) {
        metrics.counter("domain.events.mail.reports", "source", source, "kind", kind)
                .increment();
    }

    private boolean act(MailReport report, SentMail mail) {
        Set<String> addresses = addresses(report, mail);
        String first = addresses.stream().findFirst().orElse(null);
        boolean isNew = sql.of("mail/report/record-report")
                        .param("source", report.source())
                        .param("id", Sha256.hex(report.id()))
                        .param("delivery", report.delivery())
                        .param("attempt", mail.attempts())
                        .param("announcement", mail.announcement())
                        .param("kind", report.kind().name().toLowerCase(Locale.ROOT))
                        .param("address", first == null ? null : suppressions.digest(first))
                        .param("code", Masking.mask(report.code()))
                        .param("reason", Masking.mask(report.reason()))
                        .update()
                > 0;
        if (isNew) {
            addresses.forEach(address -> follow(report, mail, address));
        }
        return isNew;
    }

    /** Those that the report is about. A bounce that names none may be of an address that the person has changed since. */
    private static Set<String> addresses(MailReport report, SentMail mail) {
        Set<String> possible = new LinkedHashSet<>();
        Stream.of(Optional.ofNullable(mail.ofThePerson()), Optional.ofNullable(mail.ofTheEvent()))
                .flatMap(Optional::stream)
                .map(Suppressions::normal)
                .forEach(possible::add);
        if (report.recipient() != null) {
            possible.retainAll(Set.of(Suppressions.normal(report.recipient())));
        } else if (possible.size() > 1 && isBounce(report.kind())) {
            possible.clear();
        }
        return possible;
    }

    private static boolean isBounce(Kind kind) {
        return kind == Kind.HARD_BOUNCE || kind == Kind.SOFT_BOUNCE;
    }

    private void follow(MailReport report, SentMail mail, String address) {
        Duration time = settings.suppressFor();
        switch (report.kind()) {
            case HARD_BOUNCE -> suppress(report, address, FOR_ALL, Cause.BOUNCE, time);
            case SOFT_BOUNCE -> {
                if (isOneTooMany(address)) {
                    suppress(report, address, FOR_ALL, Cause.BOUNCE, time);
                }
            }
            case COMPLAINT ->
                suppress(report, address, settings.complaintsSuppress().of(mail.campaignId()), Cause.COMPLAINT, null);
            case UNSUBSCRIBE ->
                suppress(
                        report,
                        address,
                        settings.unsubscribesSuppress().of(mail.campaignId()),
                        Cause.UNSUBSCRIBE,
                        null);
        }
    }

    private boolean isOneTooMany(String address) {
        if (settings.softBounces() == 0) {
            return false;
        }
        sql.of("mail/report/lock-address")
                .param("address", suppressions.digest(address))
                .query()
                .singleRow();
        return sql.of("mail/report/count-soft-bounces")
                        .param("addresses", String.join(",", suppressions.digests(address)))
                        .param("seconds", settings.softBounceWindow().toSeconds())
                        .query(Long.class)
                        .single()
                >= settings.softBounces();
    }

    private void suppress(MailReport report, String address, String campaign, Cause cause, @Nullable Duration time) {
        suppressions.suppress(
                suppressions.digest(address),
                campaign,
                cause,
                time,
                report.reason(),
                Masking.mask(report.code()),
                report.delivery());
    }

    /** How many mails were reported of late, by kind. */
    public List<Count> counts() {
        return sql.of("mail/report/count-reports").query(Count.class).list();
    }

    /** The latest reports. */
    public List<Reported> latest(int limit) {
        return sql.of("mail/report/find-reports")
                .param("limit", limit)
                .query(Reported.class)
                .list();
    }
}

package routes.mail.report;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;
import routes.mail.MailSettings;
import routes.mail.announcement.AnnouncementOperations;
import routes.mail.announcement.AnnouncementOperations.Progress;
import routes.settings.Statements;

/**
 * Pauses announcements that too many people complain about ({@code mail.complaint-rate}), before their mails harm the sender's
 * reputation with all others. Reports only write rows of their own: no complaint waits for another one, or for an announcement.
 */
@Component
public class ComplaintRate {

    private final Statements sql;
    private final AnnouncementOperations announcements;
    private final MailSettings settings;
    private volatile long paused;

    ComplaintRate(Statements sql, AnnouncementOperations announcements, MailSettings settings, MeterRegistry metrics) {
        this.sql = sql;
        this.announcements = announcements;
        this.settings = settings;
        Gauge.builder("domain.events.announcements.paused.by.complaints", () -> paused)
                .register(metrics);
    }

    private record Complaints(UUID id, long complaints, String state, boolean stopped) {}

    /** Pauses those above the rate. Once an operator has resumed one, only complaints from after that count. */
    public void check() {
        find().stream().filter(some -> some.state().equals("running")).forEach(this::judge);
        paused = find().stream().filter(Complaints::stopped).count();
    }

    private List<Complaints> find() {
        return sql.of("mail/report/complaints").query(Complaints.class).list();
    }

    private void judge(Complaints some) {
        Progress progress = announcements.progress(some.id());
        long delivered = progress.counts().getOrDefault("delivered", 0L);
        if (progress.fanout().running()
                && delivered >= settings.complaintRateAfter()
                && some.complaints() > settings.complaintRate() * delivered) {
            announcements.pause(
                    some.id(),
                    "mail.complaint-rate",
                    "complaints: %d of %d delivered mails".formatted(some.complaints(), delivered));
        }
    }
}

package routes.mail.report.hook;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import routes.mail.Mails;
import routes.mail.ReportsSettings;
import routes.mail.report.MailReport;
import routes.mail.report.MailReport.Kind;

/**
 * Bounces and complaints of Amazon SES, as notifications or as events, in messages of Amazon SNS. SES gives a mail a new
 * Message-ID, and reports ours among its original headers.
 */
final class SesReports implements ReportProvider {

    private final SnsMessages messages;
    private final boolean isOn;

    SesReports(ReportsSettings settings, SnsMessages.Fetch fetch) {
        this.messages = new SnsMessages(settings.sesTopics(), fetch);
        this.isOn = !settings.sesTopics().isEmpty();
    }

    @Override
    public String name() {
        return "ses";
    }

    @Override
    public boolean isOn() {
        return isOn;
    }

    @Override
    public List<MailReport> read(Posted posted) {
        return messages.read(posted)
                .map(text -> reports(Posted.json(text.getBytes(UTF_8))))
                .orElse(List.of());
    }

    private List<MailReport> reports(JsonNode event) {
        boolean isBounce = event.has("bounce");
        JsonNode report = event.path(isBounce ? "bounce" : "complaint");
        List<MailReport> reports = new ArrayList<>();
        for (JsonNode recipient : report.path(isBounce ? "bouncedRecipients" : "complainedRecipients")) {
            String id = "%s/%d".formatted(report.path("feedbackId").asText(), reports.size());
            kind(isBounce, report, recipient)
                    .ifPresent(kind -> reports.addAll(Posted.report(
                            name(),
                            id,
                            kind,
                            delivery(event.path("mail")),
                            recipient.path("emailAddress").asText(),
                            recipient.path("status").asText(),
                            isBounce
                                    ? recipient.path("diagnosticCode").asText()
                                    : report.path("complaintFeedbackType").asText())));
        }
        return reports;
    }

    /** A transient bounce without a status is an auto-reply, as the documentation of SES says. */
    private static Optional<Kind> kind(boolean isBounce, JsonNode report, JsonNode recipient) {
        if (!isBounce) {
            return report.path("complaintFeedbackType").asText().equals("not-spam")
                    ? Optional.empty()
                    : Optional.of(Kind.COMPLAINT);
        }
        if (report.path("bounceType").asText().equals("Permanent")) {
            return Optional.of(Kind.HARD_BOUNCE);
        }
        return recipient.has("status") ? Optional.of(Kind.SOFT_BOUNCE) : Optional.empty();
    }

    private static Optional<UUID> delivery(JsonNode mail) {
        Stream<String> ids = mail.path("headers")
                .valueStream()
                .filter(header -> header.path("name").asText().equalsIgnoreCase("Message-ID"))
                .map(header -> header.path("value").asText());
        return Stream.concat(ids, Stream.of(mail.at("/commonHeaders/messageId").asText()))
                .flatMap(id -> Mails.delivery(id).stream())
                .findFirst();
    }
}

package routes.dev;

import com.icegreen.greenmail.mail.MovingMessage;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;

/**
 * What other servers write about a mail that they accepted: a bounce (RFC 3464) from the server of {@code bounce@...}, whose mailbox does
 * not exist, and a complaint (RFC 5965) by {@code complain@...}. So do addresses like {@code bounce.ada@...}.
 */
final class MailReporter {

    private static final String BOUNCE = """
            From: Mail Delivery System <MAILER-DAEMON@mx.demo.example>
            To: %1$s
            Subject: Undelivered Mail Returned to Sender
            Auto-Submitted: auto-replied
            Message-ID: <%2$s@mx.demo.example>
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=delivery-status; boundary="report"

            --report
            Content-Type: text/plain; charset=us-ascii

            I'm sorry to have to inform you that your message could not be delivered.

            <%3$s>: 550 5.1.1 User unknown

            --report
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.demo.example

            Final-Recipient: rfc822; %3$s
            Action: failed
            Status: 5.1.1
            Diagnostic-Code: smtp; 550 5.1.1 <%3$s>: User unknown

            --report
            Content-Type: text/rfc822-headers

            %4$s

            --report--
            """;

    private static final String COMPLAINT = """
            From: Feedback <feedback@mx.demo.example>
            To: %1$s
            Subject: Complaint about a mail
            Message-ID: <%2$s@mx.demo.example>
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=feedback-report; boundary="report"

            --report
            Content-Type: text/plain; charset=us-ascii

            The recipient of this mail calls it spam.

            --report
            Content-Type: message/feedback-report

            Feedback-Type: abuse
            User-Agent: Demo/1.0
            Version: 1
            Original-Rcpt-To: <%3$s>

            --report
            Content-Type: text/rfc822-headers

            %4$s

            --report--
            """;

    private MailReporter() {}

    /** The report about a mail, to its envelope sender; empty for all other recipients. */
    static Optional<MimeMessage> about(MovingMessage mail, String recipient) throws MessagingException {
        String form = recipient.matches("bounce([.+-].*)?@.*")
                ? BOUNCE
                : recipient.matches("complain([.+-].*)?@.*") ? COMPLAINT : "";
        if (form.isEmpty()) {
            return Optional.empty();
        }
        String header = String.join("\n", Collections.list(mail.getMessage().getAllHeaderLines()));
        String report = form.formatted(mail.getReturnPath().getEmail(), UUID.randomUUID(), recipient, header);
        return Optional.of(new MimeMessage(
                Session.getInstance(new Properties()),
                new ByteArrayInputStream(report.getBytes(StandardCharsets.UTF_8))));
    }
}

package routes.mail.report;

import jakarta.mail.Flags;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.delivery.DatabaseErrors;

/** The mails in the mailbox of {@code bounces.*}: read within bounds, acted on, and counted. */
@Component
public class BounceMailbox {

    /** A report on a mail of this service is far smaller, even if it returns the whole mail. */
    private static final int MAX_BYTES = 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(BounceMailbox.class);

    private final ReportReader reader;
    private final MailReports reports;

    BounceMailbox(ReportReader reader, MailReports reports) {
        this.reader = reader;
        this.reports = reports;
    }

    /**
     * What a mail says. Of one that is too large nothing is fetched.
     *
     * @throws MessagingException if the server does not give it: it is to be read again
     */
    public Reading read(@Body MimeMessage mail) throws MessagingException, IOException {
        if (mail.getSize() > MAX_BYTES) {
            return Reading.notUnderstood("it has %d bytes".formatted(mail.getSize()));
        }
        ByteArrayOutputStream source = new ByteArrayOutputStream();
        mail.writeTo(source);
        return reader.read(source.toByteArray());
    }

    /**
     * Acts on it.
     *
     * @return whether it was understood; otherwise a person has to look at the mail
     * @throws DataAccessException if the database does not answer: the mail is to be read again
     */
    public boolean settle(@Body Reading reading) {
        MailReport report = reading.report();
        Reading result = report == null || take(report)
                ? reading
                : Reading.notUnderstood("it is about no mail of this service: " + report.delivery());
        if (result.report() == null) {
            reports.count("mailbox", result.kind());
        }
        if (!result.isUnderstood()) {
            LOG.info(
                    "A mail in the bounce mailbox was not understood, and is kept and flagged: {}",
                    Masking.mask(result.reason()));
        }
        return result.isUnderstood();
    }

    private boolean take(MailReport report) {
        try {
            return reports.take(report);
        } catch (DataAccessException e) {
            if (DatabaseErrors.isOfTheData(e)) { // it would be refused each time
                return false;
            }
            throw e;
        }
    }

    /** So that people find it among those that are marked as read. */
    public void flag(MimeMessage mail) throws MessagingException {
        mail.setFlag(Flags.Flag.FLAGGED, true);
    }
}

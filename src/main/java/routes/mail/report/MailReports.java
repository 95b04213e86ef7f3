package routes.mail.report;

import org.springframework.stereotype.Component;

/** Acts on reports: suppresses addresses, and tells it in the ledger. */
@Component
public class MailReports {

    /**
     * Acts on a report, once: one with the same source and id changes nothing more.
     *
     * @return whether it is about a mail that this service sent; if not, nothing was changed
     * @throws org.springframework.dao.DataAccessException if it could not be written: it is to be reported again
     */
    public boolean take(MailReport report) {
        throw new UnsupportedOperationException(report.source());
    }
}

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

    /**
     * Ends the mails of a campaign to an address, where {@link #take} does not know the delivery any more: it was purged, and
     * the link in its mail still works. Doing so again changes nothing more.
     *
     * @param campaignId the campaign of the mail
     * @param address the address that the mail went to
     * @throws org.springframework.dao.DataAccessException if it could not be written
     */
    public void unsubscribe(String campaignId, String address) {
        throw new UnsupportedOperationException(campaignId);
    }
}

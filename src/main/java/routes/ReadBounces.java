package routes;

import static org.apache.camel.component.mail.MailConstants.MAIL_DELETE;

import org.apache.camel.builder.RouteBuilder;
import org.springframework.stereotype.Component;
import routes.mail.BounceSettings;
import routes.mail.report.BounceMailbox;
import routes.mail.report.MailboxFolder;
import routes.mail.report.ReadMails;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code read-bounces}: reads the mailbox to which bounces and complaints come back, if {@code bounces.host} is set. Any number of
 * instances may read it at a time: a report has an effect once.
 */
@OnRole(Role.EMAIL)
@Component
class ReadBounces extends RouteBuilder {

    private static final String FOLDER = MailboxFolder.class.getName();

    private final BounceMailbox mailbox;
    private final ReadMails read;
    private final BounceSettings settings;

    ReadBounces(BounceMailbox mailbox, ReadMails read, BounceSettings settings) {
        this.mailbox = mailbox;
        this.read = read;
        this.settings = settings;
    }

    /** With the login by reference: URIs are shown to people. Nothing of a mail is fetched before its size is known. */
    private String endpoint() {
        return settings.protocol() + ":{{bounces.host}}:{{bounces.port}}?folderName=RAW({{bounces.folder}})"
                + "&delay={{bounces.interval}}&unseen=true&fetchSize=100&mapMailMessage=false"
                + "&authenticator=#bouncesLogin&mailUidGenerator=#bouncesIds"
                + "&pollStrategy=#bouncesTrouble&exceptionHandler=#bouncesTrouble"
                + "&idempotentRepository=#bouncesRead&idempotentRepositoryRemoveOnCommit=false"
                + "&mail.imap.folder.class=" + FOLDER + "&mail.imaps.folder.class=" + FOLDER
                + "&mail.imap.allowreadonlyselect=true&mail.imaps.allowreadonlyselect=true"
                + "&mail.imap.starttls.enable={{bounces.starttls}}&mail.imap.starttls.required={{bounces.starttls}}"
                + "&mail.pop3.starttls.enable={{bounces.starttls}}&mail.pop3.starttls.required={{bounces.starttls}}"
                + "&mail.imap.ssl.checkserveridentity=true&mail.imaps.ssl.checkserveridentity=true"
                + "&mail.pop3.ssl.checkserveridentity=true&mail.pop3s.ssl.checkserveridentity=true";
    }

    // spotless:off
    @Override
    public void configure() {
        if (settings.host() == null) {
            return;
        }
        from(endpoint())
            .routeId("read-bounces")
            .routeConfigurationId("mailbox")
            .description("Reads bounces and complaints from a mailbox, and suppresses addresses")
            .setProperty("mail", body())
            .bean(mailbox, "read")                          // within bounds; what it says, and nothing else happens
            .choice()
                .when(method(mailbox, "settle"))            // understood, and acted on once
                    .setHeader(MAIL_DELETE, settings::delete)
                .otherwise()                                // for a person: never deleted
                    .bean(mailbox, "flag(${exchangeProperty.mail})")
            .end()
            .bean(read, "remember(${exchangeProperty.CamelMailMessageId})"); // now, and not when it was listed
    }
    // spotless:on
}

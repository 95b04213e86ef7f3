package routes.mail.smtp;

import jakarta.mail.Flags;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.util.List;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryLedger;
import routes.mail.MailSettings;
import routes.mail.MailSettings.Server;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.settings.Statements;

/**
 * Which server may have accepted a mail although its answer was lost: sent through the other one, the mail would be there twice. The
 * attempt's reason in the ledger names the server, so every instance knows, also after a restart. An attempt that was cut off with its
 * instance names none, and counts as the first server's.
 */
@OnRole({Role.EMAIL, Role.REWARD})
@Component
public class LostAnswers {

    private static final String UNKNOWN = "it is unknown whether the mail arrived, the SMTP server ";

    private final Statements sql;
    private final MailSettings settings;

    LostAnswers(Statements sql, MailSettings settings) {
        this.sql = sql;
        this.settings = settings;
    }

    /** The reason of an attempt whose answer was lost. */
    static String reason(Server at, String because) {
        return "%s%s did not say; retried with the same Message-ID: %s".formatted(UNKNOWN, at, because);
    }

    /**
     * Flags a mail that a server may have, for {@code mail.fallback.unknown-after} since then, with the {@linkplain SmtpServer name} of the
     * server; flags are not sent. The ledger is asked only for retries, and only where there are two servers.
     */
    public void recall(@ExchangeProperty(DeliveryLedger.DELIVERY) @Nullable Delivery delivery, @Body MimeMessage mail)
            throws MessagingException {
        Server second = settings.second();
        if (second == null || delivery == null || delivery.attempt() < 2) {
            return;
        }
        List<String> reasons = sql.of("mail/smtp/find-lost-answer")
                .param("delivery", delivery.id())
                .param("attempt", delivery.attempt())
                .param("unknown", UNKNOWN)
                .param("within", second.unknownAfter().toSeconds())
                .query(String.class)
                .list();
        for (String reason : reasons) {
            boolean atSecond = reason.contains(UNKNOWN + second + " did not say");
            mail.setFlags(new Flags(atSecond ? SmtpServer.SECOND : SmtpServer.FIRST), true);
        }
    }
}

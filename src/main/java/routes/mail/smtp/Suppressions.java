package routes.mail.smtp;

import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.delivery.DeliveryException;
import routes.delivery.DeliverySettings;
import routes.delivery.Grouped;
import routes.event.Sha256;
import routes.mail.MailSettings;
import routes.mail.Mails;
import routes.settings.Statements;

/**
 * The addresses to which nothing is sent for a while, since a server said that there is no such mailbox: a sender who
 * continues counts as a spammer. A row has the SHA-256 of the address, not the address.
 */
@Component
public class Suppressions {

    private static final Logger LOG = LoggerFactory.getLogger(Suppressions.class);

    private final Statements sql;
    private final RetryTemplate untilWritten;
    private final MailSettings settings;
    private final boolean tellsOthers;
    private final Grouped<String, Optional<Suppression>> found = Grouped.lookUp(this::find);

    Suppressions(RetryTemplate untilWritten, MailSettings settings, DeliverySettings deliveries, Statements sql) {
        this.sql = sql;
        this.untilWritten = untilWritten;
        this.settings = settings;
        this.tellsOthers = deliveries.outcomeEvents();
    }

    /**
     * An address to which nothing is sent.
     *
     * @param address its hash (SHA-256 in lower case, in hexadecimal)
     * @param reason the server's answer, without addresses
     */
    public record Suppression(String address, String reason, Instant since, Instant until) {}

    /**
     * Lets a mail pass whose recipient is not suppressed.
     *
     * @throws DeliveryException.Skipped when it is suppressed
     */
    public void requireNone(@Body MimeMessage mail) throws MessagingException {
        if (settings.suppressFor().isZero()) {
            return;
        }
        found.of(hash(recipient(mail))).ifPresent(its -> {
            throw new DeliveryException.Skipped("suppressed until %s (%s): %s"
                    .formatted(its.until(), its.address().substring(0, 12), its.reason()));
        });
    }

    private Map<String, Suppression> find(List<String> addresses) {
        return sql
                .of("mail/smtp/find-suppression")
                .param("addresses", String.join(",", addresses))
                .query(Suppression.class)
                .list()
                .stream()
                .collect(Collectors.toMap(Suppression::address, its -> its));
    }

    /**
     * Suppresses the recipient of a mail for {@code mail.suppress-for}. While the database is down it waits.
     *
     * @param code the server's reply code
     */
    void add(MimeMessage mail, String reason, String code) throws MessagingException {
        if (settings.suppressFor().isZero()) {
            return;
        }
        String address = hash(recipient(mail));
        UUID told = tellsOthers ? Mails.delivery(mail).orElse(null) : null;
        untilWritten.invoke(() -> sql.of("mail/smtp/suppress")
                .param("address", address)
                .param("reason", Masking.mask(reason))
                .param("seconds", settings.suppressFor().toSeconds())
                .param("delivery", told)
                .param("code", code)
                .update());
        LOG.warn(
                "No more mail is sent to {} for {} days: {}",
                address.substring(0, 12),
                settings.suppressFor().toDays(),
                Masking.mask(reason));
    }

    /** Deletes expired suppressions. */
    public void purge() {
        sql.of("mail/smtp/purge-suppressions").update();
    }

    private static String recipient(MimeMessage mail) throws MessagingException {
        Address[] all = mail.getAllRecipients();
        if (all == null || all.length != 1 || !(all[0] instanceof InternetAddress one)) {
            throw new IllegalArgumentException("A mail has one recipient");
        }
        return one.getAddress();
    }

    /** The hash that stands for an address. */
    public static String hash(String address) {
        return Sha256.hex(address.strip().toLowerCase(Locale.ROOT));
    }
}

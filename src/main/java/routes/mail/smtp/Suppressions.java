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
import org.apache.camel.Body;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import routes.background.Masking;
import routes.delivery.DeliveryException;
import routes.event.Sha256;
import routes.mail.MailSettings;
import routes.operation.Audit;
import routes.settings.SqlFiles;

/**
 * The addresses to which nothing is sent for a while, since a server said that there is no such mailbox: who goes on sending
 * to those is taken for a sender of spam. A row holds the SHA-256 of the address, not the address.
 */
@Component
public class Suppressions {

    private static final Logger LOG = LoggerFactory.getLogger(Suppressions.class);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final RetryTemplate untilWritten;
    private final Audit audit;
    private final MailSettings settings;
    private final String add;
    private final String find;
    private final String list;
    private final String lift;
    private final String purge;

    Suppressions(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            RetryTemplate untilWritten,
            Audit audit,
            MailSettings settings,
            SqlFiles sql) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.untilWritten = untilWritten;
        this.audit = audit;
        this.settings = settings;
        this.add = sql.read("mail/smtp/suppress.sql");
        this.find = sql.read("mail/smtp/find-suppression.sql");
        this.list = sql.read("mail/smtp/list-suppressions.sql");
        this.lift = sql.read("mail/smtp/lift-suppression.sql");
        this.purge = sql.read("mail/smtp/purge-suppressions.sql");
    }

    /**
     * An address to which nothing is sent.
     *
     * @param address the hash of it (SHA-256 of its lower case, in hexadecimal)
     * @param reason what the server said, without addresses
     */
    public record Suppression(String address, String reason, Instant since, Instant until) {}

    /**
     * Lets a mail pass whose recipient is not suppressed.
     *
     * @throws DeliveryException.Skipped when it is
     */
    public void requireNone(@Body MimeMessage mail) throws MessagingException {
        if (settings.suppressFor().isZero()) {
            return;
        }
        Optional<Suppression> suppression = jdbc.sql(find)
                .param("address", hash(recipient(mail)))
                .query(Suppression.class)
                .optional();
        if (suppression.isPresent()) {
            Suppression found = suppression.get();
            throw new DeliveryException.Skipped("suppressed until %s (%s): %s"
                    .formatted(found.until(), found.address().substring(0, 12), found.reason()));
        }
    }

    /** Suppresses the recipient of a mail for {@code mail.suppress-for}. While the database is away it waits. */
    void add(MimeMessage mail, String reason) throws MessagingException {
        if (settings.suppressFor().isZero()) {
            return;
        }
        String address = hash(recipient(mail));
        untilWritten.invoke(() -> jdbc.sql(add)
                .param("address", address)
                .param("reason", Masking.mask(reason))
                .param("seconds", settings.suppressFor().toSeconds())
                .update());
        LOG.warn(
                "Nothing more is sent to {} for {} days: {}",
                address.substring(0, 12),
                settings.suppressFor().toDays(),
                Masking.mask(reason));
    }

    /**
     * The suppressions that hold, newest first.
     *
     * @param before the hash of the last one of the page before; null for the first page
     */
    public List<Suppression> list(int limit, @Nullable String before) {
        return jdbc.sql(list)
                .param("before", before)
                .param("limit", limit)
                .query(Suppression.class)
                .list();
    }

    /**
     * Lets an address be written to again.
     *
     * @param address the hash of it
     * @param by who asks for it
     * @return false when it was not suppressed
     */
    public boolean lift(String address, String by) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            boolean lifted = jdbc.sql(lift).param("address", address).update() > 0;
            audit.write(by, "suppressions.lift", Map.of("address", address), lifted ? "lifted" : "was not suppressed");
            return lifted;
        }));
    }

    /** Forgets those that are over. */
    public void purge() {
        jdbc.sql(purge).update();
    }

    private static String recipient(MimeMessage mail) throws MessagingException {
        Address[] all = mail.getAllRecipients();
        if (all == null || all.length != 1 || !(all[0] instanceof InternetAddress one)) {
            throw new IllegalArgumentException("A mail has one recipient");
        }
        return one.getAddress();
    }

    /** The hash of an address, by which it is known here. */
    public static String hash(String address) {
        return Sha256.hex(address.strip().toLowerCase(Locale.ROOT));
    }
}

package routes.mail.smtp;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ArrayNode;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.delivery.DeliverySettings;
import routes.delivery.Grouped;
import routes.event.EventJson;
import routes.event.Sha256;
import routes.mail.Addresses;
import routes.mail.MailSecrets;
import routes.mail.MailSettings;
import routes.mail.Mails;
import routes.operation.Arguments;
import routes.settings.Statements;

/**
 * The addresses to which nothing is sent: there is no such mailbox, or its owner has complained or unsubscribed. Who continues
 * counts as a spammer. A row has a keyed digest of the address, not the address.
 */
@Component
public class Suppressions {

    private static final Logger LOG = LoggerFactory.getLogger(Suppressions.class);

    private static final String BOUNCE = "bounce";
    private static final int PAGE = 1_000;

    private final Statements sql;
    private final RetryTemplate untilWritten;
    private final MailSettings settings;
    private final MailSecrets secrets;
    private final boolean tellsOthers;
    private final Grouped<Mailing, Optional<Suppression>> found = Grouped.lookUp(this::find);

    Suppressions(
            RetryTemplate untilWritten,
            MailSettings settings,
            MailSecrets secrets,
            DeliverySettings deliveries,
            Statements sql) {
        this.sql = sql;
        this.untilWritten = untilWritten;
        this.settings = settings;
        this.secrets = secrets;
        this.tellsOthers = deliveries.outcomeEvents();
    }

    /**
     * An address to which nothing is sent.
     *
     * @param address its digest
     * @param campaignId whose mails are not sent; null for all
     * @param cause bounce, complaint, unsubscribe or manual
     * @param reason what was said, without addresses
     * @param until null for good
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Suppression(
            long id,
            String address,
            @Nullable String campaignId,
            String cause,
            String reason,
            Instant since,
            @Nullable Instant until) {

        /** The beginning of the digest, as reasons and pages have it. */
        public String shortened() {
            return address.substring(0, 12);
        }

        private boolean stops(Mailing mail) {
            return (campaignId == null || campaignId.equals(mail.campaign()))
                    && !(mail.isReward() && cause.equals("unsubscribe"));
        }
    }

    private record Mailing(List<String> address, String campaign, boolean isReward) {}

    /**
     * Lets a mail pass whose recipient is not suppressed.
     *
     * @throws DeliveryException.Skipped when it is suppressed
     */
    public void requireNone(@Body MimeMessage mail, @ExchangeProperty(DeliveryLedger.DELIVERY) Delivery delivery)
            throws MessagingException {
        boolean isReward = delivery.group().equals("reward-workers");
        found.of(new Mailing(digestsOfMailed(recipient(mail)), delivery.event().campaignId(), isReward))
                .ifPresent(its -> {
                    throw new DeliveryException.Skipped("suppressed %s (%s, %s): %s"
                            .formatted(
                                    its.until() == null ? "for good" : "until " + its.until(),
                                    its.cause(),
                                    its.shortened(),
                                    its.reason()));
                });
    }

    private Map<Mailing, Suppression> find(List<Mailing> mailings) {
        Map<String, List<Suppression>> rows = sql
                .of("mail/smtp/find-suppression")
                .param("addresses", joined(mailings.stream().flatMap(mail -> mail.address().stream())))
                .param("campaigns", joined(mailings.stream().map(Mailing::campaign)))
                .query(Suppression.class)
                .list()
                .stream()
                .filter(row -> !settings.suppressFor().isZero() || !row.cause().equals(BOUNCE))
                .collect(Collectors.groupingBy(Suppression::address));
        Map<Mailing, Suppression> suppressed = new HashMap<>();
        mailings.forEach(mail -> mail.address().stream()
                .flatMap(digest -> rows.getOrDefault(digest, List.of()).stream())
                .filter(row -> row.stops(mail))
                .findFirst()
                .ifPresent(row -> suppressed.put(mail, row)));
        return suppressed;
    }

    static String joined(Stream<String> values) {
        return values.distinct().collect(Collectors.joining(","));
    }

    /**
     * Suppresses the recipient of a mail for {@code mail.suppress-for}. While the database is down it waits.
     *
     * @param code the server's reply code
     */
    void add(MimeMessage mail, String reason, String code) throws MessagingException {
        String address = digestOfMailed(recipient(mail));
        UUID delivery = Mails.delivery(mail).orElse(null);
        untilWritten.invoke(() -> suppress(address, "", BOUNCE, settings.suppressFor(), reason, code, delivery));
    }

    /**
     * Suppresses an address from now on; another suppression of it is not shortened.
     *
     * @param address its digest
     * @param campaign whose mails are not sent; empty for all
     * @param time null for good; 0 to do nothing
     * @param code what the server answered
     * @param delivery whose mail it was: others are told
     */
    public void suppress(
            String address,
            String campaign,
            String cause,
            @Nullable Duration time,
            String reason,
            @Nullable String code,
            @Nullable UUID delivery) {
        if (time != null && time.isZero()) {
            return;
        }
        sql.of("mail/smtp/suppress")
                .param("address", address)
                .param("campaign", campaign)
                .param("cause", cause)
                .param("reason", Masking.mask(reason))
                .param("seconds", time == null ? null : time.toSeconds())
                .param("delivery", tellsOthers ? delivery : null)
                .param("code", code)
                .update();
        LOG.warn(
                "No more mail is sent to {} {} ({}): {}",
                address.substring(0, 12),
                time == null ? "for good" : "for %d days".formatted(time.toDays()),
                cause,
                Masking.mask(reason));
    }

    /** Deletes expired suppressions, and hashes with a secret what was hashed without one. */
    public void purge() {
        sql.of("mail/smtp/purge-suppressions").update();
        List<String> bare;
        do {
            bare = hasSecrets()
                    ? sql.of("mail/smtp/next-bare-hashes")
                            .param("limit", PAGE)
                            .query(String.class)
                            .list()
                    : List.of(); // an instance that sends no mail
            ArrayNode rows = EventJson.mapper().createArrayNode();
            bare.forEach(hash -> rows.addObject()
                    .put("bare", hash)
                    .put("address", keyed(hash).findFirst().orElseThrow()));
            sql.of("mail/smtp/move-suppressions").param("rows", rows.toString()).update();
        } while (bare.size() == PAGE);
    }

    /** Whom a mail goes to, in {@linkplain #normal normal form}. The mail has it in ASCII already, unless a place changed the recipient. */
    private static String recipient(MimeMessage mail) throws MessagingException {
        Address[] all = mail.getAllRecipients();
        if (all == null || all.length != 1 || !(all[0] instanceof InternetAddress one)) {
            throw new IllegalArgumentException("A mail has one recipient");
        }
        String address = one.getAddress();
        return Addresses.isAscii(address) ? address.toLowerCase(Locale.ROOT) : normal(address);
    }

    /**
     * What stands for an address in tables, 64 hexadecimal digits each: the HMAC-SHA-256 of its SHA-256 by each of {@code mail.secrets},
     * newest first; and at last the SHA-256, as it was before there were secrets.
     *
     * @throws org.springframework.web.server.ResponseStatusException (409) without {@code mail.secrets}: nearly all rows would be missed
     */
    public List<String> digests(String address) {
        requireSecrets();
        return digestsOfMailed(normal(address));
    }

    private List<String> digestsOfMailed(String address) {
        String hash = Sha256.hex(address);
        return Stream.concat(keyed(hash), Stream.of(hash)).toList();
    }

    /**
     * The first of the {@link #digests}, by which new rows know an address.
     *
     * @throws org.springframework.web.server.ResponseStatusException (409) without {@code mail.secrets}
     */
    public String digest(String address) {
        return digestOfMailed(normal(address));
    }

    /** The same, of an address in {@linkplain #normal its normal form}. */
    String digestOfMailed(String address) {
        requireSecrets();
        return digestsOfMailed(address).get(0);
    }

    private void requireSecrets() {
        if (!hasSecrets()) {
            throw Arguments.refused("this instance has no mail.secrets: ask one with the role email or reward");
        }
    }

    private boolean hasSecrets() {
        return !secrets.of("", "").isEmpty();
    }

    private Stream<String> keyed(String hash) {
        return secrets.of("suppression", hash).stream().map(HexFormat.of()::formatHex);
    }

    /** An address as it is mailed, in lower case: the same for all ways to write it. */
    public static String normal(String address) {
        String mailed = address.strip();
        try {
            mailed = Addresses.ascii(address);
        } catch (AddressException e) {
            LOG.debug("No mail can be sent to it: {}", e.getMessage());
        }
        return mailed.toLowerCase(Locale.ROOT);
    }
}

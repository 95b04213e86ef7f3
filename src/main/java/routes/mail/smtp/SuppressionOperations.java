package routes.mail.smtp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.mail.internet.AddressException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.background.Masking;
import routes.event.EventJson;
import routes.mail.Addresses;
import routes.mail.smtp.Suppressions.Suppression;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.operation.Page;
import routes.settings.Statements;

/** Shows operators the suppressions, adds and lifts them. */
@Component
public class SuppressionOperations {

    /** The causes that a suppression can have. */
    public static final List<String> CAUSES = List.of("manual", "bounce", "complaint", "unsubscribe");

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private final Statements sql;
    private final Audit audit;
    private final Suppressions suppressions;

    SuppressionOperations(Audit audit, Suppressions suppressions, Statements sql) {
        this.sql = sql;
        this.audit = audit;
        this.suppressions = suppressions;
    }

    /**
     * The active suppressions, newest first.
     *
     * @param address the mail address or its digest, of which they are; null for all
     * @param before the id of the last one on the previous page; null for the first page
     * @throws org.springframework.web.server.ResponseStatusException (409) for a mail address without {@code mail.secrets}
     */
    public Page<Suppression> list(int limit, @Nullable Long before, @Nullable String address) {
        List<Suppression> rows = sql.of("mail/smtp/list-suppressions")
                .param("addresses", address == null ? null : digests(address))
                .param("before", before)
                .param("limit", limit)
                .query(Suppression.class)
                .list();
        return Page.of("suppressions", rows, limit, Suppression::id);
    }

    private String digests(String address) {
        return DIGEST.matcher(address).matches() ? address : String.join(",", suppressions.digests(address));
    }

    /**
     * Reads a suppression to add.
     *
     * @param address a mail address or its digest
     * @param campaign whose mails are not sent; null for all
     * @param cause null for manual
     * @param until null for good
     * @return its row
     * @throws org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException when one of them is invalid
     */
    ObjectNode row(
            @Nullable String address,
            @Nullable String campaign,
            @Nullable String cause,
            @Nullable String reason,
            @Nullable String until) {
        Instant end = Arguments.moment("until", until);
        if (end != null && end.isBefore(Instant.now())) {
            throw Arguments.wrong("until", "is over");
        }
        return EventJson.mapper()
                .createObjectNode()
                .put("address", digest(Arguments.required("address", address)))
                .put("campaign_id", campaign == null ? "" : Arguments.id("campaign", campaign))
                .put("cause", cause == null ? "manual" : Arguments.oneOf("cause", cause, CAUSES))
                .put("reason", Masking.mask(Arguments.reason(reason)))
                .put("until", until);
    }

    private String digest(String address) {
        try {
            return DIGEST.matcher(address).matches()
                    ? address
                    : suppressions.digestOfMailed(Addresses.ascii(address).toLowerCase(Locale.ROOT));
        } catch (AddressException e) {
            throw Arguments.wrong("address", "cannot be used: " + e.getMessage());
        }
    }

    /** Adds suppressions, and returns how many were new or became longer. */
    int add(ArrayNode rows) {
        return sql.of("mail/smtp/add-suppressions")
                .param("rows", rows.toString())
                .update();
    }

    /** Adds a suppression, or makes it longer, as {@link #row} reads it; returns the digest of the address. */
    public String add(
            @Nullable String address,
            @Nullable String campaign,
            @Nullable String cause,
            @Nullable String reason,
            @Nullable String until,
            String by) {
        ObjectNode row = row(address, campaign, cause, reason, until);
        audit.change(
                by,
                "suppressions.add",
                Map.of("suppression", row),
                () -> add(EventJson.mapper().createArrayNode().add(row)),
                added -> added > 0 ? "added" : "was suppressed for at least as long");
        return row.get("address").asText();
    }

    /**
     * Lets an address get mail again.
     *
     * @param address the mail address or its digest
     * @param campaign whose mails; null for all
     * @param cause the cause that is over; null for all: who has also complained then gets mail again, too
     * @return its digest
     * @throws org.springframework.web.server.ResponseStatusException (404) if it is not suppressed; (409) for a mail address without
     *     {@code mail.secrets}
     */
    public String lift(String address, @Nullable String campaign, @Nullable String cause, String by) {
        Arguments.ifGiven("cause", cause, (field, value) -> Arguments.oneOf(field, value, CAUSES));
        String digests = digests(address);
        String first = digests.split(",", 2)[0];
        Map<String, String> arguments = new TreeMap<>(Map.of("address", first));
        if (campaign != null) {
            arguments.put("campaign", campaign);
        }
        if (cause != null) {
            arguments.put("cause", cause);
        }
        String ended = audit.change(
                by,
                "suppressions.lift",
                arguments,
                () -> sql.of("mail/smtp/lift-suppression")
                        .param("addresses", digests)
                        .param("campaign", campaign)
                        .param("cause", cause)
                        .query(String.class)
                        .single(),
                causes -> causes.isEmpty() ? "was not suppressed" : "lifted: " + causes);
        if (ended.isEmpty()) {
            throw Arguments.missing(
                    "the address is not suppressed" + (cause == null ? "" : " with the cause " + cause));
        }
        return first;
    }
}

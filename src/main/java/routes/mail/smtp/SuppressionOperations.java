package routes.mail.smtp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import jakarta.mail.internet.AddressException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
     * A suppression to add.
     *
     * @param address the digest of the address
     * @param campaign whose mails are not sent; empty for all
     * @param until null for good
     */
    public record Entry(
            String address,
            String campaign,
            String cause,
            String reason,
            @Nullable Instant until) {}

    /**
     * The active suppressions, newest first.
     *
     * @param address the mail address or its digest, of which they are; null for all
     * @param before the id of the last one on the previous page; null for the first page
     */
    public Page<Suppression> list(int limit, @Nullable Long before, @Nullable String address) {
        List<Suppression> rows = sql.of("mail/smtp/list-suppressions")
                .param("addresses", address == null ? null : joined(address))
                .param("before", before)
                .param("limit", limit)
                .query(Suppression.class)
                .list();
        return Page.of("suppressions", rows, limit, Suppression::id);
    }

    private String joined(String address) {
        return DIGEST.matcher(address).matches() ? address : String.join(",", suppressions.digests(address));
    }

    /**
     * Reads a suppression to add.
     *
     * @param values by name: address, which may be a digest; campaign, without which it is for all; cause, otherwise manual; reason; until,
     *     without which it is for good
     * @throws org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException when one of them is invalid
     */
    Entry entry(Map<String, @Nullable String> values) {
        Instant until = Arguments.moment("until", values.get("until"));
        if (until != null && until.isBefore(Instant.now())) {
            throw Arguments.wrong("until", "is over");
        }
        String cause = values.get("cause");
        return new Entry(
                digest(Arguments.required("address", values.get("address"))),
                Objects.requireNonNullElse(Arguments.criterion("campaign", values.get("campaign")), ""),
                cause == null ? "manual" : Arguments.oneOf("cause", cause, CAUSES),
                Objects.requireNonNull(Masking.mask(Arguments.reason(values.get("reason")))),
                until);
    }

    private String digest(String address) {
        try {
            return DIGEST.matcher(address).matches() ? address : suppressions.digest(Addresses.ascii(address));
        } catch (AddressException e) {
            throw Arguments.wrong("address", "cannot be used: " + e.getMessage());
        }
    }

    /** Adds a suppression, or makes it longer; see {@link #entry}. */
    public Entry add(Map<String, @Nullable String> values, String by) {
        Entry entry = entry(values);
        Map<String, String> arguments = Map.of(
                "address",
                entry.address(),
                "campaign",
                entry.campaign(),
                "cause",
                entry.cause(),
                "until",
                until(entry));
        audit.change(
                by,
                "suppressions.add",
                arguments,
                () -> write(List.of(entry)),
                added -> added > 0 ? "added" : "was suppressed for at least as long");
        return entry;
    }

    private static String until(Entry entry) {
        return entry.until() == null ? "for good" : entry.until().toString();
    }

    /** Adds suppressions, and returns how many were new or became longer. */
    int write(List<Entry> entries) {
        ArrayNode rows = EventJson.mapper().createArrayNode();
        entries.forEach(entry -> rows.addObject()
                .put("address", entry.address())
                .put("campaign_id", entry.campaign())
                .put("cause", entry.cause())
                .put("reason", entry.reason())
                .put("until", entry.until() == null ? null : entry.until().toString()));
        return sql.of("mail/smtp/add-suppressions")
                .param("rows", rows.toString())
                .update();
    }

    /**
     * Lets an address get mail again.
     *
     * @param address the mail address or its digest
     * @param campaign whose mails; null for all
     * @return its digest
     */
    public String lift(String address, @Nullable String campaign, String by) {
        String digests = joined(address);
        String first = digests.split(",", 2)[0];
        boolean lifted = audit.change(
                by,
                "suppressions.lift",
                campaign == null ? Map.of("address", first) : Map.of("address", first, "campaign", campaign),
                () -> sql.of("mail/smtp/lift-suppression")
                                .param("addresses", digests)
                                .param("campaign", campaign)
                                .query(Long.class)
                                .single()
                        > 0,
                found -> found ? "lifted" : "was not suppressed");
        if (!lifted) {
            throw Arguments.missing("the address is not suppressed");
        }
        return first;
    }
}

package routes.deadletter;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.deadletter.DeadLetterRecord.LetterHeader;
import routes.deadletter.DeadLetterRecord.Origin;
import routes.kafka.DomainEventsSettings;
import routes.kafka.UnreadableRecord;
import routes.settings.Statements;

/**
 * The dead letters in the database: those that no topic accepted ({@code event_routes.dead_letter}), and what was done with
 * any of them ({@code event_routes.dead_letter_action}).
 */
@Component
public class DeadLetterTable {

    private final Statements sql;
    private final DomainEventsSettings settings;

    DeadLetterTable(DomainEventsSettings settings, Statements sql) {
        this.sql = sql;
        this.settings = settings;
    }

    /**
     * The last thing done with a dead letter.
     *
     * @param action {@code redriven} or {@code discarded}
     */
    record Action(
            String letter,
            Instant letterAt,
            String action,
            String by,
            Instant at,
            @Nullable String reason) {}

    /** Identifies a letter, as opposed to one at the same offset of a topic that has been recreated. */
    record LetterKey(String letter, Instant at) {

        static LetterKey of(DeadLetterRecord letter) {
            return new LetterKey(letter.id().toString(), letter.keptAt());
        }
    }

    /** Keeps a record byte for byte. One that is already kept is not kept twice. */
    void keep(UnreadableRecord letter) {
        ConsumerRecord<byte[], byte[]> record = letter.record();
        Header[] headers = record.headers().toArray();
        byte[][] names = new byte[headers.length][];
        byte[][] values = new byte[headers.length][];
        for (int i = 0; i < headers.length; i++) {
            names[i] = headers[i].key().getBytes(StandardCharsets.UTF_8);
            values[i] = headers[i].value();
        }
        sql.of("deadletter/keep")
                .param("group", letter.group())
                .param("topic", record.topic())
                .param("partition", record.partition())
                .param("offset", record.offset())
                .param("timestamp", record.timestamp())
                .param("timestampType", record.timestampType().name)
                .param("key", record.key())
                .param("value", record.value())
                .param("headerNames", names)
                .param("headerValues", values)
                .param("reason", letter.reason().replace('\0', ' ')) // which a text column cannot hold
                .update();
    }

    /** Deletes letters older than the retention of the dead-letter topics. */
    public void purge() {
        sql.of("deadletter/purge", "age", settings.deadLetterRetention().toSeconds())
                .update();
    }

    /** Lists letters, newest first, without key, value and headers. */
    List<DeadLetterRecord> newest(String group, int limit, long before) {
        return sql.of("deadletter/find-letters", "group", group, "before", before, "limit", limit)
                .query((row, n) -> letter(row, null, null, List.of()))
                .list();
    }

    /** Finds letters with a text in their value or a header, among the newest of a group; without their content. */
    public List<DeadLetterRecord> holding(String group, String text, int among) {
        return sql.of("deadletter/find-letters-holding", "group", group, "text", text, "among", among)
                .query((row, n) -> letter(row, null, null, List.of()))
                .list();
    }

    /** The first letter from an id on. */
    Optional<DeadLetterRecord> from(String group, long id) {
        return sql.of("deadletter/find-letter", "group", group, "id", id)
                .query((row, n) -> letter(row, row.getBytes("key"), row.getBytes("value"), headers(row)))
                .optional();
    }

    private static DeadLetterRecord letter(
            ResultSet row, byte @Nullable [] key, byte @Nullable [] value, List<LetterHeader> headers)
            throws SQLException {
        return new DeadLetterRecord(
                new DeadLetterId(DeadLetterId.TABLE, row.getLong("id")),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                new Origin(
                        row.getString("topic"),
                        row.getInt("partition"),
                        row.getLong("record_offset"),
                        Instant.ofEpochMilli(row.getLong("record_timestamp"))),
                row.getString("reason"),
                row.getInt("size"),
                key,
                value,
                headers);
    }

    private static List<LetterHeader> headers(ResultSet row) throws SQLException {
        byte[][] names = (byte[][]) row.getArray("header_names").getArray();
        byte[][] values = (byte[][]) row.getArray("header_values").getArray();
        List<LetterHeader> headers = new ArrayList<>(names.length);
        for (int i = 0; i < names.length; i++) {
            headers.add(new LetterHeader(new String(names[i], StandardCharsets.UTF_8), values[i]));
        }
        return headers;
    }

    /** What was done with letters of a group: with the given ones, or with all. */
    Map<LetterKey, Action> actions(String group, @Nullable Collection<DeadLetterRecord> letters) {
        return sql
                .of("deadletter/find-letter-actions")
                .param("group", group)
                .param(
                        "letters",
                        letters == null
                                ? null
                                : letters.stream()
                                        .map(letter -> letter.id().toString())
                                        .collect(Collectors.joining(",")))
                .query(Action.class)
                .list()
                .stream()
                .collect(Collectors.toMap(
                        action -> new LetterKey(action.letter(), action.letterAt()), action -> action));
    }

    /**
     * Records what was done with a letter.
     *
     * @return whether it was written: a letter that was already handled is not discarded
     */
    boolean write(String group, DeadLetterRecord letter, String action, String by, @Nullable String reason) {
        return sql.of("deadletter/write-letter-action")
                        .param("group", group)
                        .param("letter", letter.id().toString())
                        .param("letter_at", letter.keptAt().atOffset(ZoneOffset.UTC))
                        .param("action", action)
                        .param("who", by)
                        .param("reason", reason)
                        .update()
                == 1;
    }
}

package routes.position;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Comparator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A place in the order of a board, which is PostgreSQL's order of these three.
 *
 * @param score original position minus verified referrals times points
 * @param createdAt the sign-up
 * @param user the person
 */
record RankKey(long score, OffsetDateTime createdAt, UUID user) implements Comparable<RankKey> {

    /** Before everybody. */
    static final RankKey START =
            new RankKey(Long.MIN_VALUE, OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC), new UUID(0, 0));

    /** After everybody. */
    static final RankKey END = new RankKey(
            Long.MAX_VALUE, OffsetDateTime.of(9999, 12, 31, 0, 0, 0, 0, ZoneOffset.UTC), new UUID(-1L, -1L));

    /** PostgreSQL orders UUIDs by their bytes, which is the order of their text and not that of Java. */
    private static final Comparator<RankKey> ORDER = Comparator.comparingLong(RankKey::score)
            .thenComparing(RankKey::createdAt, OffsetDateTime.timeLineOrder())
            .thenComparing(place -> place.user().toString());

    /** The key in the columns of a person; null if they are null. */
    static @Nullable RankKey read(ResultSet row, String score, String createdAt, @Nullable UUID user)
            throws SQLException {
        OffsetDateTime time = row.getObject(createdAt, OffsetDateTime.class);
        return time == null || user == null ? null : new RankKey(row.getLong(score), time, user);
    }

    /** The key as a word that fits into a URL. */
    String text() {
        String text = score + " " + createdAt + " " + user;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads {@link #text()}.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static RankKey parse(String text) {
        String[] parts = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8).split(" ", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("not a place on a board");
        }
        try {
            RankKey key =
                    new RankKey(Long.parseLong(parts[0]), OffsetDateTime.parse(parts[1]), UUID.fromString(parts[2]));
            if (key.createdAt.getYear() < START.createdAt.getYear()
                    || key.createdAt.getYear() > END.createdAt.getYear()) {
                throw new IllegalArgumentException("not a time of the database");
            }
            return key;
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public int compareTo(RankKey other) {
        return ORDER.compare(this, other);
    }
}

package routes.position;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.event.Ids;
import routes.settings.Statements;

/** Leaderboards as last recalculated, ordered by score in either mode. */
@Component
public class Standings {

    private final Statements sql;

    Standings(Statements sql) {
        this.sql = sql;
    }

    /**
     * The standing of a person.
     *
     * @param name the first name, and the initial of the last
     * @param score original position minus verified referrals times points: lower is better
     */
    public record Standing(
            long position, UUID userId, @Nullable String name, long score, long verifiedReferrals) {}

    /**
     * A page of a board.
     *
     * @param standings those who have a place; new people have none before the board is numbered
     * @param next the place after which the next page begins, in a form of its own; null at the end of the board
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Page(List<Standing> standings, @Nullable String next) {}

    /** The top of a board; nobody if there is none. */
    public Page first(UUID campaign, int limit) {
        return page(campaign, RankKey.START, limit);
    }

    /**
     * The people after a page, or after somebody; empty if that person is not on the board.
     *
     * @param after the {@code next} of a page, which is good also when nobody stands there any more, or the id of a person
     * @throws IllegalArgumentException if it is neither
     */
    public Optional<Page> after(UUID campaign, String after, int limit) {
        String id = Ids.asRead(after);
        Optional<RankKey> from =
                Ids.isUuid(id) ? place(campaign, UUID.fromString(id)) : Optional.of(RankKey.parse(after));
        return from.map(place -> page(campaign, place, limit));
    }

    /** The standing of a person; empty if they are not on the board. */
    public Optional<Standing> of(UUID campaign, UUID user) {
        return sql.of("position/standing", "campaign_id", campaign, "user_id", user)
                .query(Standings::standing)
                .optional()
                .filter(Standings::hasPlace);
    }

    private Optional<RankKey> place(UUID campaign, UUID user) {
        return sql.of("position/place", "campaign_id", campaign, "user_id", user)
                .query((row, n) ->
                        new RankKey(row.getLong("score"), row.getObject("created_at", OffsetDateTime.class), user))
                .optional();
    }

    private Page page(UUID campaign, RankKey from, int limit) {
        List<Standing> read = sql.of("position/leaderboard")
                .param("campaign_id", campaign)
                .param("score", from.score())
                .param("created_at", from.createdAt().toString())
                .param("user_id", from.user().toString())
                .param("limit", limit)
                .query(Standings::standing)
                .list();
        List<Standing> placed = read.stream().filter(Standings::hasPlace).toList();
        return new Page(
                placed,
                read.size() < limit ? null : next(campaign, read.get(limit - 1).userId()));
    }

    /** The id alone if the person has left the board since it was read. */
    private String next(UUID campaign, UUID last) {
        return place(campaign, last).map(RankKey::text).orElse(last.toString());
    }

    private static boolean hasPlace(Standing standing) {
        return standing.position() > 0;
    }

    private static Standing standing(ResultSet row, int n) throws SQLException {
        return new Standing(
                row.getLong("position"),
                row.getObject("user_id", UUID.class),
                name(row.getString("first_name"), row.getString("last_name")),
                row.getLong("score"),
                row.getLong("verified_referrals"));
    }

    private static @Nullable String name(@Nullable String first, @Nullable String last) {
        if (first == null || first.isBlank()) {
            return null;
        }
        return last == null || last.isBlank()
                ? first.strip()
                : first.strip() + " " + last.strip().substring(0, last.strip().offsetByCodePoints(0, 1)) + ".";
    }
}

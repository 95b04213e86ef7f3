package bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A campaign with people, and the same people in a table of the reference's, which ranks by its own algorithm. Both have room in
 * their pages, so that a row that is written can stay where it is.
 */
final class Waitlist {

    static final int POINTS = 10;

    /** How many people refer. */
    private static final int REFERRERS = 10_000;

    /** Whose table of people it is. */
    enum Side {
        OURS("public.waitlist_users"),
        REFERENCE("reference.people");

        private final String table;

        Side(String table) {
            this.table = table;
        }
    }

    private final JdbcClient jdbc;
    private final UUID campaign = UUID.randomUUID();
    private final Random random;
    private final List<UUID> referrers;

    private Waitlist(JdbcClient jdbc, int people, Random random) {
        this.jdbc = jdbc;
        this.random = random;
        create(people);
        // In an order of their own: the first of them refer most.
        this.referrers = jdbc.sql("SELECT id FROM waitlist_users WHERE campaign_id = ? ORDER BY md5(email) LIMIT ?")
                .params(campaign, REFERRERS)
                .query(UUID.class)
                .list();
    }

    static Waitlist create(JdbcClient jdbc, int people, Random random) {
        return new Waitlist(jdbc, people, random);
    }

    private void create(int people) {
        jdbc.sql("ALTER TABLE waitlist_users SET (fillfactor = 80)").update();
        jdbc.sql("INSERT INTO campaigns (id, account_id, name, slug, referral_config)"
                        + " VALUES (:id, :id, 'Bench', 'bench', jsonb_build_object('points_per_referral', :points))")
                .param("id", campaign)
                .param("points", POINTS)
                .update();
        jdbc.sql("""
                        INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, position, created_at)
                        SELECT gen_random_uuid(), :campaign, n || '@bench.example', 'C' || n, n, n,
                               timestamptz '2026-01-01 00:00:00Z' + n * interval '1 second'
                        FROM generate_series(1, :people) n
                        """).param("campaign", campaign).param("people", people).update();
        jdbc.sql("CREATE SCHEMA IF NOT EXISTS reference").update();
        jdbc.sql("DROP TABLE IF EXISTS reference.people").update();
        jdbc.sql("CREATE TABLE reference.people (LIKE waitlist_users INCLUDING ALL) WITH (fillfactor = 80)")
                .update();
        jdbc.sql("INSERT INTO reference.people SELECT * FROM waitlist_users WHERE campaign_id = ?")
                .param(campaign)
                .update();
    }

    UUID campaign() {
        return campaign;
    }

    /** The referrers of k events: few people refer most (Zipf). */
    List<UUID> draw(int k) {
        List<UUID> drawn = new ArrayList<>(k);
        for (int i = 0; i < k; i++) {
            drawn.add(referrers.get((int) (Math.pow(referrers.size(), random.nextDouble()) - 1)));
        }
        return drawn;
    }

    /** Does what the application does before it publishes: counts referrals, its rows in the order of id. */
    void count(Side side, List<UUID> referrals) {
        jdbc.sql("""
                        UPDATE %s u
                        SET verified_referral_count = verified_referral_count + counted.n
                        FROM (SELECT p.id, c.n
                              FROM (SELECT id, count(*) AS n FROM unnest(CAST(? AS uuid[])) AS r (id) GROUP BY id) c
                              JOIN %s p ON p.id = c.id
                              ORDER BY p.id
                              FOR UPDATE OF p) counted
                        WHERE u.id = counted.id
                        """.formatted(side.table, side.table))
                .param(referrals.stream().map(UUID::toString).collect(Collectors.joining(",", "{", "}")))
                .update();
    }

    /** What the reference does for one event: ranks everybody, and writes every row. */
    void rewrite(TransactionTemplate transaction) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("SELECT pg_advisory_xact_lock(hashtext(?))")
                    .param(campaign.toString())
                    .query()
                    .listOfRows();
            jdbc.sql("""
                            UPDATE reference.people u
                            SET position = ranked.position, updated_at = now()
                            FROM (SELECT id, row_number() OVER (
                                             ORDER BY original_position - verified_referral_count * :points, created_at)
                                             AS position
                                  FROM reference.people
                                  WHERE campaign_id = :campaign AND deleted_at IS NULL AND status <> 'blocked') ranked
                            WHERE u.id = ranked.id
                            """).param("points", POINTS).param("campaign", campaign).update();
        });
    }

    /** Bytes of the people's rows on disk, without indexes; on our side also those of the standings. */
    long bytes(Side side) {
        return jdbc.sql(
                        side == Side.OURS
                                ? "SELECT pg_relation_size('waitlist_users') + pg_relation_size('event_routes.standing')"
                                : "SELECT pg_relation_size('reference.people')")
                .query(Long.class)
                .single();
    }

    /** Deletes all of it. */
    void drop() {
        for (String table :
                List.of("event_routes.standing", "event_routes.leaderboard", "event_routes.campaign_points")) {
            jdbc.sql("DELETE FROM %s WHERE campaign_id = ?".formatted(table))
                    .param(campaign)
                    .update();
        }
        jdbc.sql("DELETE FROM waitlist_users WHERE campaign_id = ?")
                .param(campaign)
                .update();
        jdbc.sql("DELETE FROM campaigns WHERE id = ?").param(campaign).update();
        jdbc.sql("DROP TABLE reference.people").update();
        jdbc.sql("VACUUM").update();
    }
}

package routes;

import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A campaign of very many people, written some at a time, so that no statement of a test takes minutes. */
public final class ManyPeople {

    private static final int AT_ONCE = 20_000;

    private ManyPeople() {}

    /**
     * Creates a campaign with people, in an order of their addresses that is another one than that of their sign-ups.
     *
     * @param people how many there are
     * @param blocked how many of them are blocked, those in front
     */
    public static void create(JdbcClient jdbc, UUID campaign, int people, int blocked) {
        jdbc.sql("INSERT INTO campaigns (id, account_id, name, slug) VALUES (:id, :id, 'Many', 'many')")
                .param("id", campaign)
                .update();
        add(jdbc, campaign, 1, people, blocked);
    }

    /** Adds those from one number to another. */
    public static void add(JdbcClient jdbc, UUID campaign, int first, int last, int blocked) {
        for (int from = first; from <= last; from += AT_ONCE) {
            jdbc.sql("""
                            INSERT INTO waitlist_users
                                (id, campaign_id, email, referral_code, original_position, position, status, created_at)
                            SELECT gen_random_uuid(), :campaign, md5(CAST(n AS text)) || '@many.example', 'C' || n, n, n,
                                   CASE WHEN n <= :blocked THEN 'blocked' ELSE 'active' END,
                                   timestamptz '2026-01-01 00:00:00Z' + n * interval '1 second'
                            FROM generate_series(:from, :to) n
                            """)
                    .param("campaign", campaign)
                    .param("blocked", blocked)
                    .param("from", from)
                    .param("to", Math.min(last, from + AT_ONCE - 1))
                    .update();
        }
    }
}

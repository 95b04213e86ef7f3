package bench;

import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import routes.ManyPeople;
import routes.OnPlatform;
import routes.position.CampaignEvents;

/**
 * Recalculating a whole board of very many people by rank, on connections with a {@code statement_timeout} of 5 s: on first sight, with
 * positions that are wrong; once more, when nothing has changed; and when somebody has left its top. In turns of the route, as
 * {@code repair-positions} does it; the longest turn is what another campaign waits for at most.
 *
 * <p>System properties: {@code positions.people} (sizes, with commas).
 */
@OnPlatform
@TestPropertySource(
        properties = {
            "positions.mode=rank",
            "spring.datasource.hikari.connection-init-sql=SET statement_timeout = '5s'",
            "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*,scheduler:*"
        })
class BoardBenchmark {

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private ProducerTemplate template;

    @Test
    void aWholeBoardUnderAStatementTimeout() throws Exception {
        Results results = new Results("boards", 0)
                .with(
                        "postgresql",
                        jdbc.sql("SHOW server_version").query(String.class).single());
        for (String size : System.getProperty("positions.people", "1700000").split(",", -1)) {
            int people = Integer.parseInt(size.strip());
            UUID campaign = UUID.randomUUID();
            ManyPeople.create(jdbc, campaign, people, people / 100);
            measure(results, people, campaign, "first sight");
            measure(results, people, campaign, "nothing has changed");
            UUID first = jdbc.sql(
                            "SELECT user_id FROM event_routes.standing WHERE campaign_id = ? ORDER BY score LIMIT 1")
                    .param(campaign)
                    .query(UUID.class)
                    .single();
            jdbc.sql("UPDATE waitlist_users SET status = 'blocked' WHERE id = ?")
                    .param(first)
                    .update();
            measure(results, people, CampaignEvents.again(campaign, Set.of(first)), "the first has left");
            results.write();
        }
    }

    private void measure(Results results, int people, UUID campaign, String what) {
        measure(results, people, CampaignEvents.whole(campaign.toString()), what);
    }

    private void measure(Results results, int people, CampaignEvents begin, String what) {
        UUID campaign = UUID.fromString(begin.campaignId());
        long start = System.nanoTime();
        long longest = turn(begin);
        while (jdbc.sql("SELECT go_on_at IS NOT NULL FROM event_routes.leaderboard WHERE campaign_id = ?")
                .param(campaign)
                .query(Boolean.class)
                .single()) {
            longest = Math.max(longest, turn(CampaignEvents.again(campaign, Set.of())));
        }
        long nanos = System.nanoTime() - start;
        results.row()
                .with("people", people)
                .with("what", what)
                .with("s", nanos / 1e9)
                .with("longest turn, s", longest / 1e9)
                .with("positions that are wrong", wrong(campaign));
    }

    private long turn(CampaignEvents events) {
        long start = System.nanoTime();
        template.sendBody("direct:recalculate-positions", events);
        return System.nanoTime() - start;
    }

    /** Whose position is not the number of their place, asked on the side and under no limit. */
    private long wrong(UUID campaign) {
        return Objects.requireNonNull(transaction.execute(status -> {
            jdbc.sql("SET LOCAL statement_timeout = 0").update();
            return jdbc.sql("""
                            SELECT count(*)
                            FROM (SELECT position, row_number() OVER (ORDER BY original_position, created_at, id) AS expected
                                  FROM waitlist_users
                                  WHERE campaign_id = ? AND status <> 'blocked' AND deleted_at IS NULL) board
                            WHERE position <> expected
                            """).param(campaign).query(Long.class).single();
        }));
    }
}

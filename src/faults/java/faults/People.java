package faults;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;
import routes.dev.DatabaseServer;

/**
 * The application whose events are published: its campaigns, people and rewards, as rows that stand before the event that tells of them.
 * What it writes can be written twice, so that a database that goes away in between does no harm.
 */
final class People implements AutoCloseable {

    /** Somebody who takes part. */
    static final class Person {
        final UUID id;
        final String email;
        int verifiedReferrals;

        private Person(UUID id, String email) {
            this.id = id;
            this.email = email;
        }
    }

    /**
     * A campaign.
     *
     * @param points what a verified referral is worth
     * @param pointsInEvents whether only its events say so
     * @param members those who take part
     */
    record Campaign(UUID id, int points, boolean pointsInEvents, List<Person> members, Map<String, UUID> rewards) {}

    private static final String SECRET = "whsec_YS1zZWNyZXQtdGhhdC1pcy1sb25nLWVub3VnaC4uLg==";

    private final Random random;
    private final String domain;
    private final String webhookUrl;
    private final HikariDataSource connections = new HikariDataSource();
    private final JdbcTemplate jdbc = new JdbcTemplate(connections);
    private final TransactionTemplate transaction =
            new TransactionTemplate(new DataSourceTransactionManager(connections));
    private final RetryTemplate whateverHappens = new RetryTemplate(RetryPolicy.builder()
            .includes(DataAccessException.class, TransactionException.class)
            .maxRetries(1_000)
            .delay(Duration.ofMillis(300))
            .build());
    private final Map<String, List<Object[]>> rows = new HashMap<>();
    private final List<Campaign> campaigns = new ArrayList<>();
    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private int count;

    People(DatabaseServer database, String domain, String webhookUrl, Random random) {
        this.domain = domain;
        this.webhookUrl = webhookUrl;
        this.random = random;
        connections.setJdbcUrl(database.url());
        connections.setUsername(DatabaseServer.NAME);
        connections.setPassword(DatabaseServer.NAME);
        connections.setMaximumPoolSize(2);
        connections.setConnectionTimeout(2_000);
        connections.setInitializationFailTimeout(-1);
    }

    List<Campaign> campaigns() {
        return List.copyOf(campaigns);
    }

    /** Whether an effect is about somebody of these people. */
    boolean know(String key) {
        return key.endsWith("@" + domain) || ids.contains(key.split(" ", 3)[1]);
    }

    /** A campaign with people, of whom one is blocked and one was deleted, and with a reward of each kind. */
    Campaign found(int people) {
        boolean inEvents = random.nextBoolean();
        int points = 1 + random.nextInt(5);
        Campaign campaign = new Campaign(uuid(), points, inEvents, new ArrayList<>(), new HashMap<>());
        add(
                "INSERT INTO campaigns (id, account_id, name, slug, referral_config)"
                        + " VALUES (?, ?, 'A load', 'a-load', CAST(? AS jsonb)) ON CONFLICT DO NOTHING",
                campaign.id(),
                campaign.id(),
                inEvents ? "{}" : "{\"points_per_referral\": %d}".formatted(points));
        for (String method : new String[] {"email", "webhook", "manual"}) {
            UUID reward = uuid();
            campaign.rewards().put(method, reward);
            add(
                    "INSERT INTO rewards (id, campaign_id, name, type, delivery_method, delivery_config)"
                            + " VALUES (?, ?, 'A reward', 'gift', ?, jsonb_build_object('webhook_url', CAST(? AS text)))"
                            + " ON CONFLICT DO NOTHING",
                    reward,
                    campaign.id(),
                    method,
                    webhookUrl);
        }
        add(
                "INSERT INTO webhooks (id, campaign_id, url, secrets) VALUES (?, ?, ?, ARRAY[?]) ON CONFLICT DO NOTHING",
                uuid(),
                campaign.id(),
                webhookUrl,
                SECRET);
        for (int i = 0; i < people; i++) {
            join(campaign);
        }
        insert(campaign, new Person(uuid(), "blocked-" + ++count + "@" + domain), "blocked", false);
        insert(campaign, new Person(uuid(), "deleted-" + ++count + "@" + domain), "active", true);
        campaigns.add(campaign);
        return campaign;
    }

    /** Somebody new. */
    Person join(Campaign campaign) {
        Person person = new Person(uuid(), "p" + ++count + "@" + domain);
        campaign.members().add(person);
        insert(campaign, person, "active", false);
        return person;
    }

    private void insert(Campaign campaign, Person person, String status, boolean deleted) {
        ids.add(person.id.toString());
        // Far from the front, where more referrals would move nobody.
        int place = 1_000 + random.nextInt(1_000);
        add(
                "INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, position, status,"
                        + " deleted_at) VALUES (?, ?, ?, 'CODE', ?, ?, ?, CASE WHEN ? THEN now() END) ON CONFLICT DO NOTHING",
                person.id,
                campaign.id(),
                person.email,
                place,
                place,
                status,
                deleted);
    }

    /** Counts a verified referral, which is what positions are computed from. */
    void refer(Person referrer) {
        referrer.verifiedReferrals++;
        add(
                "UPDATE waitlist_users SET verified_referral_count = ? WHERE id = ?",
                referrer.verifiedReferrals,
                referrer.id);
    }

    /** Somebody earns a reward; returns the id of the row that says so. */
    UUID earn(Campaign campaign, Person person, UUID reward) {
        UUID earned = uuid();
        ids.add(earned.toString());
        add(
                "INSERT INTO user_rewards (id, user_id, campaign_id, reward_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                earned,
                person.id,
                campaign.id(),
                reward);
        return earned;
    }

    /** An id of the seed's. */
    UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    private void add(String sql, Object... values) {
        rows.computeIfAbsent(sql, same -> new ArrayList<>()).add(values);
    }

    /** Writes what has come together, in one transaction, however often it takes. */
    void commit() {
        // Those before whom others refer to come first.
        List<String> order = rows.keySet().stream().sorted(People::byTable).toList();
        whateverHappens.invoke(() -> {
            transaction.executeWithoutResult(
                    status -> order.forEach(sql -> jdbc.batchUpdate(sql, rows.getOrDefault(sql, List.of()))));
            return true;
        });
        rows.clear();
    }

    private static int byTable(String one, String other) {
        List<String> order =
                List.of("INTO campaigns", "INTO rewards", "INTO webhooks", "INTO waitlist", "UPDATE", "INTO user");
        return Integer.compare(place(order, one), place(order, other));
    }

    private static int place(List<String> order, String sql) {
        for (int i = 0; i < order.size(); i++) {
            if (sql.contains(order.get(i))) {
                return i;
            }
        }
        throw new IllegalArgumentException(sql);
    }

    @Override
    public void close() {
        connections.close();
    }
}

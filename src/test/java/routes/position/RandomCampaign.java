package routes.position;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.TestCampaign;
import routes.event.EventData;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.UserSignedUp;
import routes.event.Events;

/**
 * A campaign of random people, with everything that a leaderboard may stumble over, and a model of it: as simple as can be, to hold the
 * SQL against.
 */
final class RandomCampaign {

    private static final String[] STATUSES = {"active", "active", "verified", "verified", "blocked"};

    private final JdbcClient jdbc;
    private final TestCampaign campaign;

    /**
     * Somebody of the campaign.
     *
     * @param verified how many verified referrals they have
     * @param signedUp when, in microseconds since the epoch
     */
    record Person(
            UUID id,
            int originalPosition,
            int verified,
            long signedUp,
            boolean blocked,
            boolean deleted,
            int position) {

        boolean takesPart() {
            return !blocked && !deleted;
        }

        private long score(int points) {
            return originalPosition - (long) verified * points;
        }

        /** PostgreSQL orders UUIDs by their bytes, as their texts are ordered, and unlike Java. */
        private boolean isAheadOf(Person other, int points) {
            return Comparator.<Person>comparingLong(person -> person.score(points))
                            .thenComparingLong(Person::signedUp)
                            .thenComparing(person -> person.id().toString())
                            .compare(this, other)
                    < 0;
        }
    }

    private RandomCampaign(JdbcClient jdbc, TestCampaign campaign) {
        this.jdbc = jdbc;
        this.campaign = campaign;
    }

    /** Creates a campaign of up to 60 people: with ties, with people who are blocked or deleted, and with positions that are wrong. */
    static RandomCampaign create(JdbcClient jdbc, Random random, String referralConfig) {
        return create(jdbc, random, referralConfig, 1 + random.nextInt(60));
    }

    static RandomCampaign create(JdbcClient jdbc, Random random, String referralConfig, int people) {
        RandomCampaign created = new RandomCampaign(jdbc, TestCampaign.create(jdbc, referralConfig));
        for (int i = 0; i < people; i++) {
            created.add(random, people);
        }
        return created;
    }

    private void add(Random random, int people) {
        jdbc.sql("""
                        INSERT INTO waitlist_users (id, campaign_id, email, referral_code, original_position, position,
                            verified_referral_count, status, created_at, deleted_at)
                        VALUES (CAST(:id AS uuid), :campaign, :id, 'CODE', :original, :position, :verified, :status,
                            timestamptz '2026-01-01 00:00:00Z' + :hour * interval '1 hour',
                            CASE WHEN :deleted THEN now() END)
                        """)
                .param("id", new UUID(random.nextLong(), random.nextLong()).toString())
                .param("campaign", id())
                .param("original", 1 + random.nextInt(people))
                .param("position", random.nextInt(100))
                .param("verified", random.nextInt(6))
                .param("status", STATUSES[random.nextInt(STATUSES.length)])
                .param("hour", random.nextInt(3))
                .param("deleted", random.nextInt(8) == 0)
                .update();
    }

    UUID id() {
        return campaign.id();
    }

    /**
     * Does what the application does before it publishes: mostly it counts a referral, sometimes somebody is blocked, comes back, leaves
     * or signs up.
     *
     * @return what it publishes
     */
    EventData change(Random random, int points) {
        List<Person> people = people();
        UUID person = people.get(random.nextInt(people.size())).id();
        int what = random.nextInt(20);
        if (what == 0) {
            add(random, people.size());
            List<Person> more = people();
            more.removeIf(one -> people.stream().anyMatch(known -> known.id().equals(one.id())));
            return new UserSignedUp(more.get(0).id().toString(), id().toString(), "new@example.com");
        }
        String change =
                switch (what) {
                    case 1 -> "status = CASE status WHEN 'blocked' THEN 'active' ELSE 'blocked' END";
                    case 2 -> "deleted_at = CASE WHEN deleted_at IS NULL THEN now() END";
                    case 3 -> "verified_referral_count = greatest(0, verified_referral_count - 1)";
                    default -> "verified_referral_count = verified_referral_count + 1";
                };
        jdbc.sql("UPDATE waitlist_users SET " + change + " WHERE id = ?")
                .param(person)
                .update();
        return new ReferralVerified(Events.id(), person.toString(), Events.id(), id().toString(), points);
    }

    /** Counts a referral of somebody who takes part, or takes one back. */
    UUID count(Random random) {
        List<Person> taking = people().stream().filter(Person::takesPart).toList();
        UUID person = taking.get(random.nextInt(taking.size())).id();
        jdbc.sql(
                        "UPDATE waitlist_users SET verified_referral_count = greatest(0, verified_referral_count + ?) WHERE id = ?")
                .params(random.nextInt(6) - 2, person)
                .update();
        return person;
    }

    /** Counts a referral of several people, in the order of id as docs/operate/deploy.md asks; to be called in one transaction. */
    List<EventData> countSeveral(Random random) {
        List<EventData> published = new ArrayList<>();
        people().stream()
                .map(person -> person.id().toString())
                .sorted()
                .filter(person -> random.nextInt(10) == 0)
                .forEach(person -> {
                    jdbc.sql("UPDATE waitlist_users SET verified_referral_count = verified_referral_count + 1"
                                    + " WHERE id = CAST(? AS uuid)")
                            .param(person)
                            .update();
                    published.add(new ReferralVerified(Events.id(), person, Events.id(), id().toString(), null));
                });
        return published;
    }

    List<Person> people() {
        return jdbc.sql("""
                        SELECT id, original_position, verified_referral_count AS verified,
                               CAST(extract(epoch FROM created_at) * 1000000 AS bigint) AS signed_up,
                               status = 'blocked' AS blocked, deleted_at IS NOT NULL AS deleted, position
                        FROM waitlist_users
                        WHERE campaign_id = ?
                        """).param(id()).query(Person.class).list();
    }

    /** The positions as they are. */
    Map<UUID, Long> positions() {
        Map<UUID, Long> positions = new HashMap<>();
        people().forEach(person -> positions.put(person.id(), (long) person.position()));
        return positions;
    }

    /** The positions as they have to be after a recalculation. Who does not take part keeps theirs. */
    static Map<UUID, Long> model(List<Person> people, PositionSettings.Mode mode, int points) {
        List<Person> taking = new ArrayList<>(people);
        taking.removeIf(person -> !person.takesPart());
        Map<UUID, Long> positions = new HashMap<>();
        people.forEach(person -> positions.put(person.id(), (long) person.position()));
        for (Person person : taking) {
            long position =
                    switch (mode) {
                        case FORMULA -> Math.max(1, person.score(points));
                        case RANK ->
                            1
                                    + taking.stream()
                                            .filter(other -> other.isAheadOf(person, points))
                                            .count();
                    };
            positions.put(person.id(), position);
        }
        return positions;
    }

    void delete() {
        campaign.delete();
    }
}

package routes.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;

/** What plans have seen, and when it is forgotten. The replays are of a group that no instance has. */
@OnPlatform
class ReplaySubjectsIT {

    private static final int PAGE = 3;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private ReplaySubjects subjects;

    @AfterEach
    void cleanUp() {
        refuseNoMore();
        jdbc.sql("DELETE FROM event_routes.replay WHERE consumer_group = 'nobody'")
                .update();
    }

    @ParameterizedTest
    @CsvSource({
        "missing,   planning,  true",
        "missing,   planned,   false",
        "force,     running,   false",
        "missing,   done,      false",
        "force,     cancelled, false",
        "missing,   failed,    false",
        "positions, planning,  true",
        "positions, planned,   true",
        "positions, running,   true",
        "positions, done,      false",
        "positions, cancelled, false",
        "positions, failed,    false"
    })
    void whatAReplayStillNeedsIsKeptAndAllElseForgotten(String policy, String state, boolean kept) {
        UUID replay = replay(policy, state, 1);

        forget();

        assertThat(left(replay)).isEqualTo(kept ? 1 : 0);
    }

    @Test
    void noStatementForgetsMoreThanAPage() {
        UUID replay = replay("missing", "done", 100);
        refusePagesOfMoreThan(PAGE);

        forget();

        assertThat(left(replay)).isZero();
    }

    @Test
    void aCallForgetsALimitedNumberAndSaysThatThereIsMore() {
        forget();
        UUID replay = replay("missing", "cancelled", 100);

        assertThat(subjects.forgetInPages(PAGE)).isTrue();
        assertThat(left(replay)).isEqualTo(100 - 10 * PAGE);
    }

    @Test
    void whatFailedIsForgottenByTheNextCall() {
        UUID replay = replay("missing", "failed", 10);
        refusePagesOfMoreThan(0);
        assertThatThrownBy(this::forget).isInstanceOf(DataAccessException.class);
        refuseNoMore();

        forget();

        assertThat(left(replay)).isZero();
    }

    private void forget() {
        while (subjects.forgetInPages(PAGE)) {
            // there is more
        }
    }

    private UUID replay(String policy, String state, int seen) {
        UUID replay = jdbc.sql("""
                        INSERT INTO event_routes.replay (consumer_group, policy, range_from, types, rate, planned_by, state)
                        VALUES ('nobody', :policy, '2026-11-01T00:00:00Z', '{}', 1, 'ann', :state)
                        RETURNING id
                        """)
                .param("policy", policy)
                .param("state", state)
                .query(UUID.class)
                .single();
        jdbc.sql("""
                        INSERT INTO event_routes.replay_subject (replay_id, subject, topic_partition, record_offset)
                        SELECT :replay, 'subject-' || n, 0, n FROM generate_series(1, :seen) n
                        """).param("replay", replay).param("seen", seen).update();
        return replay;
    }

    private int left(UUID replay) {
        return jdbc.sql("SELECT count(*) FROM event_routes.replay_subject WHERE replay_id = ?")
                .param(replay)
                .query(Integer.class)
                .single();
    }

    private void refusePagesOfMoreThan(int rows) {
        jdbc.sql("""
                CREATE FUNCTION event_routes.refuse_large_pages() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF (SELECT count(*) FROM page) > %d THEN
                        RAISE EXCEPTION 'too many at once' USING ERRCODE = '57014';
                    END IF;
                    RETURN NULL;
                END $$""".formatted(rows)).update();
        jdbc.sql("CREATE TRIGGER large AFTER DELETE ON event_routes.replay_subject REFERENCING OLD TABLE AS page"
                        + " FOR EACH STATEMENT EXECUTE FUNCTION event_routes.refuse_large_pages()")
                .update();
    }

    private void refuseNoMore() {
        jdbc.sql("DROP FUNCTION IF EXISTS event_routes.refuse_large_pages() CASCADE")
                .update();
    }
}

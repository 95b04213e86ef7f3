package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DueSearchTest {

    private static final DueMarks MARKS = new DueMarks("2026-11-30 10:00:00+00", "2026-11-30 09:00:00+00");

    private long now;
    private Duration takes = Duration.ofSeconds(1);
    private final List<DueMarks> searched = new ArrayList<>();
    private final DueSearch search = new DueSearch(
            (group, limit, from) -> {
                searched.add(from);
                now += takes.toNanos();
                return new DueSearch.Taken(List.of(), MARKS);
            },
            () -> now);

    @Test
    void whatWasTakenIsPassedOverWhileASearchFromTheBeginningIsSlow() {
        search.take("a", 10);
        now += Duration.ofSeconds(18).toNanos();
        search.take("a", 10);

        assertThat(searched).containsExactly(DueMarks.BEGINNING, MARKS);
    }

    @Test
    void whatIsDueEarlierIsFoundFromTheBeginning() {
        search.take("a", 10);
        now += Duration.ofSeconds(20).toNanos();
        search.take("a", 10);

        assertThat(searched).containsExactly(DueMarks.BEGINNING, DueMarks.BEGINNING);
    }

    @Test
    void eachSearchIsFromTheBeginningWhileThatIsQuick() {
        takes = Duration.ofMillis(20);
        for (int i = 0; i < 3; i++) {
            search.take("a", 10);
            now += Duration.ofMillis(500).toNanos();
        }

        assertThat(searched).hasSize(3).containsOnly(DueMarks.BEGINNING);
    }

    @Test
    void eachGroupHasItsOwnPace() {
        search.take("a", 10);
        search.take("b", 10);

        assertThat(searched).containsExactly(DueMarks.BEGINNING, DueMarks.BEGINNING);
    }

    @Test
    void theNextSearchBeginsAtTheLastOfEachKind() {
        DueMarks next = DueMarks.BEGINNING
                .after(true, "1")
                .after(true, "2")
                .after(false, "3")
                .after(true, null);

        assertThat(next).isEqualTo(new DueMarks("2", "3"));
    }
}

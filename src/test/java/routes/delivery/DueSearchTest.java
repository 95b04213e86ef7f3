package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.dao.QueryTimeoutException;

class DueSearchTest {

    private static final OffsetDateTime EARLIER = OffsetDateTime.parse("2026-11-30T09:00:00Z");
    private static final OffsetDateTime LATER = OffsetDateTime.parse("2026-11-30T10:00:00Z");
    private static final OffsetDateTime EVER = DueMarks.BEGINNING.single();
    private static final OffsetDateTime NEVER = OffsetDateTime.MAX;

    private long now = -5;
    private Duration takes = Duration.ofSeconds(1);
    private TakenDue found = found(EVER, EVER, false);
    private @Nullable DueMarks failing;
    private final List<DueMarks> searched = new ArrayList<>();
    private final DueSearch search = new DueSearch(
            (group, limit, from) -> {
                searched.add(from);
                now += takes.toNanos();
                if (from.equals(failing)) {
                    throw new QueryTimeoutException("statement timeout");
                }
                return found;
            },
            () -> now);

    private static TakenDue found(OffsetDateTime lastSingle, OffsetDateTime lastOfFanOut, boolean full) {
        return new TakenDue(List.of(), new DueMarks(lastSingle, lastOfFanOut), full);
    }

    /** From when on a search began, so long after the last one. */
    private DueMarks after(Duration pause) {
        now += pause.toNanos();
        search.take("a", 10);
        return searched.get(searched.size() - 1);
    }

    @Test
    void whatWasTakenIsPassedOverWhileASearchFromTheBeginningIsSlow() {
        found = found(LATER, EARLIER, true);

        assertThat(after(Duration.ZERO)).isEqualTo(DueMarks.BEGINNING);
        assertThat(after(Duration.ofSeconds(18))).isEqualTo(new DueMarks(LATER, EARLIER));
    }

    /** Else all due work of a group would stand still while a dump runs. */
    @Test
    void aSearchFromTheBeginningThatTimesOutIsNotTheNextOneToo() {
        found = found(LATER, EARLIER, true);
        after(Duration.ZERO);
        failing = DueMarks.BEGINNING;

        assertThatThrownBy(() -> after(Duration.ofSeconds(20))).isInstanceOf(QueryTimeoutException.class);

        assertThat(after(Duration.ofMillis(500))).isEqualTo(new DueMarks(LATER, EARLIER));
    }

    @Test
    void whatIsDueEarlierIsFoundFromTheBeginning() {
        found = found(LATER, LATER, true);
        after(Duration.ZERO);

        assertThat(after(Duration.ofSeconds(20))).isEqualTo(DueMarks.BEGINNING);
    }

    @Test
    void eachSearchIsFromTheBeginningWhileThatIsQuick() {
        takes = Duration.ofMillis(20);

        for (int i = 0; i < 3; i++) {
            assertThat(after(Duration.ofMillis(500))).isEqualTo(DueMarks.BEGINNING);
        }
    }

    @Test
    void aSearchFromTheBeginningThatFindsNothingLeavesTheMarksWhereTheyWere() {
        found = found(LATER, EARLIER, true);
        after(Duration.ZERO);
        found = found(EVER, EVER, false);
        after(Duration.ofSeconds(20));

        assertThat(after(Duration.ofMillis(500))).isEqualTo(new DueMarks(LATER, EARLIER));
    }

    @Test
    void aKindOfWhichNothingWasTakenYetIsSearchedFromTheBeginningOrNotAtAll() {
        found = found(LATER, EVER, false);
        after(Duration.ZERO);

        assertThat(after(Duration.ofMillis(500))).isEqualTo(new DueMarks(LATER, NEVER));
        assertThat(after(Duration.ofSeconds(20))).isEqualTo(DueMarks.BEGINNING);
    }

    @Test
    void aStragglerDoesNotSetTheMarkBackUnlessThereMayBeMore() {
        DueMarks marks = new DueMarks(LATER, LATER);

        assertThat(marks.after(new DueMarks(EARLIER, EVER), false)).isEqualTo(marks);
        assertThat(marks.after(new DueMarks(EARLIER, EVER), true)).isEqualTo(new DueMarks(EARLIER, LATER));
    }

    @Test
    void eachGroupHasItsOwnPace() {
        search.take("a", 10);
        search.take("b", 10);

        assertThat(searched).containsExactly(DueMarks.BEGINNING, DueMarks.BEGINNING);
    }
}

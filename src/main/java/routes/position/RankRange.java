package routes.position;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A range of a board in which ranks may have changed, both ends included.
 *
 * @param from the first place
 * @param to the last place
 */
record RankRange(RankKey from, RankKey to) {

    /**
     * Merges the ranges that people moved across into disjoint islands. Within each, nobody joined or left, unless it reaches
     * to the end, so the person just before an island keeps their rank.
     */
    static List<RankRange> of(Collection<Change> changes) {
        List<RankRange> ways = changes.stream()
                .map(Change::way)
                .sorted(Comparator.comparing(RankRange::from))
                .toList();
        List<RankRange> islands = new ArrayList<>();
        for (RankRange way : ways) {
            int last = islands.size() - 1;
            if (last >= 0 && islands.get(last).to().compareTo(way.from()) >= 0) {
                islands.set(last, islands.get(last).and(way));
            } else {
                islands.add(way);
            }
        }
        return islands;
    }

    /** The part of it up to a place; empty if it is after that place. */
    Optional<RankRange> upTo(RankKey edge) {
        return from.compareTo(edge) > 0
                ? Optional.empty()
                : Optional.of(new RankRange(from, to.compareTo(edge) > 0 ? edge : to));
    }

    private RankRange and(RankRange other) {
        return new RankRange(from, to.compareTo(other.to) >= 0 ? to : other.to);
    }
}

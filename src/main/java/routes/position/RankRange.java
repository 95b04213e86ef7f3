package routes.position;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A stretch of a board on which ranks can have changed: from one place to another, both included.
 *
 * @param from the foremost place
 * @param to the last place
 */
record RankRange(RankKey from, RankKey to) {

    /**
     * Merges the ways that people went into islands that have nothing in common: on each, nobody came and nobody went, unless it
     * reaches to the end. So the one in front of an island has the rank that they had before.
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

    /** What there is of it up to a place; empty when it lies behind. */
    Optional<RankRange> upTo(RankKey edge) {
        return from.compareTo(edge) > 0
                ? Optional.empty()
                : Optional.of(new RankRange(from, to.compareTo(edge) > 0 ? edge : to));
    }

    private RankRange and(RankRange other) {
        return new RankRange(from, to.compareTo(other.to) >= 0 ? to : other.to);
    }
}

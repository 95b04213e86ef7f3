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
record Island(Place from, Place to) {

    /**
     * Merges the ways that people went into islands that have nothing in common: on each, nobody came and nobody went, unless it
     * reaches to the end. So the one in front of an island has the rank that they had before.
     */
    static List<Island> of(Collection<Change> changes) {
        List<Island> ways = changes.stream()
                .map(Change::way)
                .sorted(Comparator.comparing(Island::from))
                .toList();
        List<Island> islands = new ArrayList<>();
        for (Island way : ways) {
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
    Optional<Island> upTo(Place edge) {
        return from.compareTo(edge) > 0
                ? Optional.empty()
                : Optional.of(new Island(from, to.compareTo(edge) > 0 ? edge : to));
    }

    private Island and(Island other) {
        return new Island(from, to.compareTo(other.to) >= 0 ? to : other.to);
    }
}

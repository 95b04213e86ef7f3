package routes.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import routes.delivery.LedgerWorld.BrokenPromise;
import routes.delivery.LedgerWorld.Kind;
import routes.delivery.LedgerWorld.Step;

/** Random histories of a {@link LedgerWorld}. One that breaks a promise is cut down to the steps that it takes. */
final class LedgerHistory {

    private LedgerHistory() {}

    /** The steps of a seed. */
    static List<Step> of(long seed, int length) {
        SplittableRandom random = new SplittableRandom(seed);
        return Stream.generate(() -> new Step(Kind.any(random), random.nextLong()))
                .limit(length)
                .toList();
    }

    /** The promise that these steps break in a new world; empty if they break none. */
    static Optional<BrokenPromise> brokenBy(List<Step> steps, Supplier<LedgerWorld> worlds) {
        LedgerWorld world = worlds.get();
        try {
            steps.forEach(world::take);
            world.settle();
            return Optional.empty();
        } catch (BrokenPromise broken) {
            return Optional.of(broken);
        }
    }

    /** The fewest of these steps, found by leaving out more and more of them, that still break a promise. */
    static List<Step> shortened(List<Step> steps, Supplier<LedgerWorld> worlds) {
        List<Step> shortest = steps;
        for (int size = steps.size() / 2; size > 0; size /= 2) {
            for (int from = 0; from < shortest.size(); ) {
                List<Step> without = new ArrayList<>(shortest.subList(0, from));
                without.addAll(shortest.subList(Math.min(shortest.size(), from + size), shortest.size()));
                if (brokenBy(without, worlds).isPresent()) {
                    shortest = without;
                } else {
                    from += size;
                }
            }
        }
        return shortest;
    }
}

package faults;

import java.util.List;

/**
 * What a generator publishes.
 *
 * @param name of the fault; addresses and files bear it
 * @param seed of all that is random
 * @param rate events per second
 * @param campaigns how many, of which the first has most of the events (Zipf)
 * @param people how many each campaign begins with
 * @param duplicates the share of records that say again what was said before, 0 to 1
 * @param poison the share of records that are no event, 0 to 1
 * @param poisons what those are
 */
record Load(
        String name,
        long seed,
        int rate,
        int campaigns,
        int people,
        double duplicates,
        double poison,
        List<Poison> poisons) {

    static Load of(String name, long seed) {
        // The short form shares two cores with its generator, servers and receivers: a fault is to be seen, not a
        // queue.
        return new Load(
                name,
                seed,
                Integer.getInteger("faults.rate", Stage.isLong() ? 150 : 30),
                20,
                10,
                0.02,
                0.005,
                Poison.COMMON);
    }

    Load withRate(int eventsASecond) {
        return new Load(name, seed, eventsASecond, campaigns, people, duplicates, poison, poisons);
    }

    Load withDuplicates(double share) {
        return new Load(name, seed, rate, campaigns, people, share, poison, poisons);
    }

    Load withPoison(double share, List<Poison> kinds) {
        return new Load(name, seed, rate, campaigns, people, duplicates, share, kinds);
    }
}

package schedules;

/** What draws the schedules of a scenario from seeds: Fray, in the profile {@code schedules}. */
public interface Control {

    /**
     * Runs a scenario until a schedule fails.
     *
     * @param seed of the first schedule; the next one's is larger by one
     * @return a digest of all steps, the same for the same seed
     * @throws AssertionError if a schedule fails; says by which seed it is repeated
     */
    long run(String name, Runnable scenario, long seed, int count);
}

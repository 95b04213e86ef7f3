package faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fault while it is caused: the load under it, what is measured, and at last the verdict. A run is repeated with
 * {@code -Dfaults.seed=...}.
 *
 * <pre>{@code
 * try (Fault fault = stage.fault("F1", "kill -9 of the service", "I1 to I6")) {
 *     Generator load = fault.load(Load.of("f1", fault.seed()));
 *     load.start();
 *     // cause it
 *     fault.end(repeatsAllowed);
 * }
 * }</pre>
 */
final class Fault implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Fault.class);

    /** A partition whose consumer is killed waits for the next start and the end of the dead member's session. */
    private static final Duration LONGEST_STANDSTILL = Duration.ofSeconds(60);

    /** An instance counts as gone 10 s after its last heartbeat; I6 adds a minute. */
    private static final Duration LONGEST_ORPHANED = Duration.ofSeconds(70);

    private static final int LENIENCE = 4;

    /** A pause of the machine that is worth a word in the report. */
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Stage stage;
    private final String test = test();
    private final String id;
    private final String what;
    private final String target;
    private final long seed;
    private final Random random;
    private final Instant begin = Instant.now();
    private final Findings findings = Findings.none();
    private final Verifier verifier;
    private final Watch watch;
    private final Pauses pauses = new Pauses();
    private @Nullable Generator generator;
    private Duration standstillAllowed = LONGEST_STANDSTILL;
    private boolean ended;

    Fault(Stage stage, String id, String what, String target) {
        this.stage = stage;
        this.id = id;
        this.what = what;
        this.target = target;
        this.seed = Long.getLong("faults.seed", System.nanoTime());
        this.random = new Random(seed);
        this.verifier = new Verifier(stage);
        this.watch = new Watch(stage);
        LOG.info("{}: {}, seed {}", id, what, seed);
    }

    long seed() {
        return seed;
    }

    /** Randomness of the seed's, beside that of the load: the same source each time, which goes on. */
    Random random() {
        return random;
    }

    Watch watch() {
        return watch;
    }

    Verifier verifier() {
        return verifier;
    }

    /** A load with the usual settings, named for this fault. */
    Load usualLoad() {
        return Load.of(stage.loadName(id), seed);
    }

    /** Prepares a load; its generator is started by whoever causes the fault, and stopped at the end. */
    Generator load(Load load) {
        generator = new Generator(load, stage, Stage.file("%s-acknowledged.tsv".formatted(load.name())));
        return generator;
    }

    /** Adds what was found beside the load's invariants. */
    Fault and(Findings others) {
        findings.and(others);
        return this;
    }

    /** Adds a figure to the report. */
    Fault figure(String name, Object value) {
        findings.figure(name, value);
        return this;
    }

    /** Adds the longest of the durations of this name to the report, in seconds. */
    Fault longest(String name, Duration duration) {
        findings.figures()
                .merge(name, Watch.seconds(duration), (before, now) -> Math.max((Double) before, (Double) now));
        return this;
    }

    /**
     * The same, held against a target: by the long form as it is, by the short one, which runs on machines that have other things to do,
     * against several times as much.
     */
    Fault longest(String name, Duration duration, Duration target) {
        return longest(name, duration)
                .require(
                        duration.compareTo(bound(target)) <= 0,
                        "%s: %s, more than %s".formatted(name, duration, bound(target)));
    }

    private static Duration bound(Duration target) {
        return target.multipliedBy(Stage.isLong() ? 1 : LENIENCE);
    }

    /** Makes the fault fail unless the condition holds; goes on, so that the report has all that does not. */
    Fault require(boolean condition, String otherwise) {
        findings.require(condition, otherwise);
        return this;
    }

    /** How long a partition with lag may stand still, for a fault that stops everything for longer than most. */
    Fault standstillAllowed(Duration longest) {
        standstillAllowed = longest;
        return this;
    }

    /**
     * Stops the load, waits until everything is done, holds the invariants against it and fails unless all hold.
     *
     * @param repeatsAllowed how many effects may have been repeated under the same id
     */
    void end(int repeatsAllowed) {
        Generator load = generator;
        if (load != null) {
            load.stop();
            verifier.awaitDrained(Duration.ofMinutes(5));
            findings.and(watch.findings(bound(standstillAllowed), bound(LONGEST_ORPHANED)))
                    .and(verifier.verify(load, repeatsAllowed));
        }
        ended = true;
        report();
        assertThat(findings.violations()).as("%s, seed %d", id, seed).isEmpty();
    }

    private void report() {
        if (pauses.longest().compareTo(PAUSE) > 0) {
            longest("longest pause of the machine, s", pauses.longest());
        }
        stage.report()
                .add(new Report.Row(
                        id,
                        what,
                        target,
                        findings,
                        seed,
                        Duration.between(begin, Instant.now()),
                        Stage.isLong() ? "long" : "short",
                        "./mvnw -B verify%s -Dtest=NONE -Dsurefire.failIfNoSpecifiedTests=false -Dit.test='%s' -Dfaults.seed=%d"
                                .formatted(
                                        Stage.isLong() ? " -Pfaults" : " -Pfaults -Dfaults.long=false", test, seed)));
    }

    /** The test that causes the fault, as the build is asked for it: helpers of the test may stand between, or another process. */
    private static String test() {
        String test = System.getProperty("faults.test");
        if (test != null) {
            return test;
        }
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> frame.getClassName().matches("faults\\.\\w+IT"))
                        .reduce((inner, outer) -> outer))
                .map(frame -> frame.getClassName() + "#" + frame.getMethodName())
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        pauses.close();
        watch.close();
        stage.endOthers();
        stage.mails().answerAfter(Duration.ZERO);
        stage.webhooks().answerAfter(Duration.ZERO);
        if (generator != null) {
            generator.close();
        }
        if (!ended) {
            findings.require(false, "it did not come to its end: see the test's failure");
            report();
        }
    }
}

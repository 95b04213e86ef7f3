package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import routes.delivery.LedgerModel.Defect;
import routes.delivery.LedgerWorld.BrokenPromise;
import routes.delivery.LedgerWorld.Flaw;
import routes.delivery.LedgerWorld.Step;

/**
 * The protocol of the ledger in virtual time, and that the simulation finds what could be wrong with it. {@code -Dsimulation.histories=}
 * sets how many histories there are, {@code -Dsimulation.seed=} which is the first.
 */
class LedgerSimulationTest {

    private static final int LENGTH = 400;
    private static final int HISTORIES = Integer.getInteger("simulation.histories", 500);
    private static final long SEED = Long.getLong("simulation.seed", System.nanoTime());

    @Test
    void noHistoryBreaksAPromise() {
        Supplier<LedgerWorld> worlds = () -> new LedgerWorld(new LedgerModel(null), null);
        for (long seed = SEED; seed < SEED + HISTORIES; seed++) {
            List<Step> steps = LedgerHistory.of(seed, LENGTH);
            if (LedgerHistory.brokenBy(steps, worlds).isPresent()) {
                List<Step> shortest = LedgerHistory.shortened(steps, worlds);
                BrokenPromise broken = LedgerHistory.brokenBy(shortest, worlds).orElseThrow();
                fail(
                        "-Dsimulation.seed=%d -Dsimulation.histories=1: %s, by%n%s"
                                .formatted(
                                        seed,
                                        broken.getMessage(),
                                        shortest.stream().map(Step::toString).collect(Collectors.joining("\n"))),
                        broken);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDefectOfTheLedgerIsFound(Defect defect) {
        assertThat(found(() -> new LedgerWorld(new LedgerModel(defect), null))).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void aFlawOfTheInstancesIsFound(Flaw flaw) {
        assertThat(found(() -> new LedgerWorld(new LedgerModel(null), flaw))).isPresent();
    }

    private static Optional<BrokenPromise> found(Supplier<LedgerWorld> worlds) {
        for (long seed = 0; seed < 5_000; seed++) {
            Optional<BrokenPromise> broken = LedgerHistory.brokenBy(LedgerHistory.of(seed, LENGTH), worlds);
            if (broken.isPresent()) {
                return broken;
            }
        }
        return Optional.empty();
    }
}

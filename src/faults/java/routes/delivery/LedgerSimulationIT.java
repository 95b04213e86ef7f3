package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import routes.OnPlatform;
import routes.dev.Platform;
import routes.settings.Statements;

/**
 * The histories of {@link LedgerSimulationTest} with the service's own statements, which do after each step what the model does: so what
 * holds for one holds for the other. The same properties set how many, and from which seed.
 */
@OnPlatform
class LedgerSimulationIT {

    private static final int LENGTH = 200;
    private static final int HISTORIES = Integer.getInteger("simulation.histories", 10);
    private static final long SEED = Long.getLong("simulation.seed", System.nanoTime());

    @Autowired
    private Platform platform;

    @Autowired
    private Statements statements;

    @Test
    void theStatementsDoWhatTheModelDoes() {
        try (SqlLedger real = new SqlLedger(platform.database(), statements)) {
            for (long seed = SEED; seed < SEED + HISTORIES; seed++) {
                LedgerWorld world = new LedgerWorld(new ComparedLedger(new LedgerModel(null), real.emptied()), null);
                assertThat(LedgerHistory.brokenBy(LedgerHistory.of(seed, LENGTH), () -> world))
                        .as("-Dsimulation.seed=%d -Dsimulation.histories=1", seed)
                        .isEmpty();
            }
        }
    }
}

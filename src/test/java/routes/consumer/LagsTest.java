package routes.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.test.util.ReflectionTestUtils;
import routes.consumer.Lags.LagSnapshot;

class LagsTest {

    @Test
    void brokersThatHaveNotBeenAskedHaveNotFailed() {
        Lags lags = new Lags(mock(), mock(), mock(), mock(), mock(), new SimpleMeterRegistry());

        assertThat(lags.latest()).isEmpty();
        assertThat(lags.failure()).isEmpty();
    }

    /** Until the schedule has waited in vain, there is what it saw before. */
    @Test
    void nobodyWaitsForBrokersThatTheScheduleIsAsking() throws Exception {
        Lags lags = new Lags(mock(), mock(), mock(), mock(), mock(), new SimpleMeterRegistry());
        ReflectionTestUtils.setField(lags, "latest", new LagSnapshot(Instant.EPOCH, Map.of()));
        lags.asking.lock();
        try {
            assertThat(CompletableFuture.supplyAsync(lags::now).get(60, TimeUnit.SECONDS))
                    .isEmpty();
        } finally {
            lags.asking.unlock();
        }
    }
}

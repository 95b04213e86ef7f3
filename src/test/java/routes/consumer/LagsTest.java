package routes.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class LagsTest {

    @Test
    void brokersThatHaveNotBeenAskedHaveNotFailed() {
        Lags lags = new Lags(mock(), mock(), mock(), mock(), mock(), new SimpleMeterRegistry());

        assertThat(lags.latest()).isEmpty();
        assertThat(lags.failure()).isEmpty();
    }
}

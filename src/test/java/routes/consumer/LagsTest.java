package routes.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.mockito.Mockito.mock;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.junit.jupiter.api.Test;
import routes.kafka.DomainEventsSettings;

class LagsTest {

    @Test
    void brokersThatHaveNotBeenAskedHaveNotFailed() {
        Lags lags = new Lags(mock(), mock(), mock(), mock(), mock(), new SimpleMeterRegistry());

        assertThat(lags.latest()).isEmpty();
        assertThat(lags.failure()).isEmpty();
    }

    @Test
    void nobodyWaitsForBrokersThatTheScheduleIsAsking() throws Exception {
        var settings =
                new DomainEventsSettings("domain-events", 1, (short) 1, Duration.ofDays(30), GroupProtocol.CLASSIC);
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                CamelContext camel = new DefaultCamelContext()) {
            camel.getComponent("kafka", KafkaComponent.class)
                    .getConfiguration()
                    .setBrokers("127.0.0.1:" + silent.getLocalPort());
            Lags lags = new Lags(camel, mock(), settings, mock(), mock(), new SimpleMeterRegistry());
            Thread schedule = new Thread(lags::refresh);
            schedule.start();
            try {
                await().until(() -> schedule.getState() == Thread.State.TIMED_WAITING);

                assertTimeoutPreemptively(
                        Duration.ofSeconds(2), () -> assertThat(lags.now()).isEmpty());

                assertThat(schedule.isAlive()).isTrue();
            } finally {
                schedule.interrupt();
                schedule.join();
                lags.destroy();
            }
        }
    }
}

package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.StandardEnvironment;

class KafkaGuaranteesTest {

    private final KafkaComponent component = new KafkaComponent();

    @Test
    void byTheConsumerProtocolTheServicesOwnOptionsForTheClassicOneAreLeftOut() {
        Properties properties = propertiesBy(GroupProtocol.CONSUMER);

        assertThat(properties)
                .containsEntry(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer")
                .doesNotContainKeys(
                        ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                        ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG);
        assertThat(new ConsumerConfig(properties).getString(ConsumerConfig.GROUP_PROTOCOL_CONFIG))
                .as("Kafka's client accepts them")
                .isEqualToIgnoringCase("consumer");
    }

    @Test
    void byTheClassicProtocolTheyAreSet() {
        assertThat(propertiesBy(GroupProtocol.CLASSIC))
                .containsEntry(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic")
                .containsEntry(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000)
                .containsEntry(
                        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
    }

    /** Camel's check at the start resolves the names of all brokers once, and splits them at commas alone. */
    @Test
    void theStartDoesNotDependOnTheNamesOfBrokersNorOnASpaceBetweenThem() throws Exception {
        component.getConfiguration().setBrokers("localhost:1, localhost:2");
        guarantee(GroupProtocol.CLASSIC);

        try (CamelContext camel = new DefaultCamelContext()) {
            camel.addComponent("kafka", component);
            camel.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("kafka:events?groupId=some-workers")
                            .routeId("some-workers")
                            .to("log:read");
                }
            });
            camel.start();

            assertThat(camel.getRouteController().getRouteStatus("some-workers").isStarted())
                    .isTrue();
        }
    }

    private Properties propertiesBy(GroupProtocol protocol) {
        KafkaConfiguration kafka = component.getConfiguration();
        kafka.setSessionTimeoutMs(6_000);
        kafka.setHeartbeatIntervalMs(2_000);
        kafka.setPartitionAssignor(CooperativeStickyAssignor.class.getName());
        guarantee(protocol);

        Properties properties = KafkaGuarantees.ofConsumer(kafka.createConsumerProperties());
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, "some-workers");
        return properties;
    }

    private void guarantee(GroupProtocol protocol) {
        new KafkaGuarantees()
                .kafkaGuaranteesCustomizer(
                        new StandardEnvironment(),
                        new DomainEventsSettings("events", 1, (short) 1, Duration.ofDays(1), protocol))
                .configure("kafka", component);
    }
}

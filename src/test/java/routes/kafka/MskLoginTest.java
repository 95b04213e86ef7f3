package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Properties;
import org.apache.camel.component.kafka.KafkaConfiguration;
import org.apache.camel.component.kafka.security.KafkaAuthType;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/** The jar has what a login to Amazon MSK with IAM needs; the login itself needs MSK. */
class MskLoginTest {

    @Test
    void oneSettingMakesAConsumerThatLogsInByIam() {
        KafkaConfiguration kafka = new KafkaConfiguration();
        kafka.setSecurityProtocol("PLAINTEXT"); // as application.yaml has them
        kafka.setSaslMechanism("GSSAPI");
        kafka.setSaslAuthType(KafkaAuthType.AWS_MSK_IAM);

        Properties properties = kafka.createConsumerProperties();

        assertThat(properties)
                .containsAllEntriesOf(Map.of(
                        "security.protocol", "SASL_SSL",
                        "sasl.mechanism", "AWS_MSK_IAM",
                        "sasl.client.callback.handler.class", "software.amazon.msk.auth.iam.IAMClientCallbackHandler"));
        properties.put("bootstrap.servers", "localhost:1");
        properties.put("enable.auto.commit", "false");
        properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
        properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
        new KafkaConsumer<>(properties).close(); // which makes the login
    }
}

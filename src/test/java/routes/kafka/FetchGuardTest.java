package routes.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.ArgumentMatchers.anyShort;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.KafkaClient;
import org.apache.kafka.clients.RequestCompletionHandler;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.internals.ConsumerDelegate;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mockito.ArgumentCaptor;

/** What a guard does about records is in {@link FetchUnpackingTest} and {@link CompressedRecordsIT}. */
class FetchGuardTest {

    @ParameterizedTest
    @EnumSource(GroupProtocol.class)
    void aClientWithOtherInternalsIsClosedAndRefusedRatherThanUnguarded(GroupProtocol protocol) throws Exception {
        Properties properties = properties(protocol);
        ConsumerDelegate<?, ?> unknown = mock();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
            Field delegate = KafkaConsumer.class.getDeclaredField("delegate");
            delegate.setAccessible(true);
            Object known = delegate.get(consumer);
            delegate.set(consumer, unknown);

            assertThatThrownBy(() -> FetchGuard.install(consumer, properties, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the version of kafka-clients");

            verify(unknown).close(any(CloseOptions.class));
            delegate.set(consumer, known);
        }
    }

    @ParameterizedTest
    @EnumSource(GroupProtocol.class)
    void theClientOfEitherProtocolIsGuarded(GroupProtocol protocol) {
        Properties properties = properties(protocol);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties)) {
            FetchGuard.install(consumer, properties, 1);

            assertThat(consumer.assignment()).as("it works").isEmpty();
        }
    }

    /** Without its answer, the client would never ask that broker for anything again. */
    @Test
    void anAnswerThatCannotBeCheckedIsPassedOn() {
        KafkaClient brokers = mock();
        KafkaClient guarded = FetchGuard.around(brokers, 1, 1);
        RequestCompletionHandler told = mock();
        FetchRequest.Builder fetch = FetchRequest.Builder.forConsumer((short) 12, 1, 1, Map.of());
        guarded.send(new ClientRequest("1", fetch, 1, "client", 0, true, 1_000, told), 0);
        ArgumentCaptor<ClientRequest> sent = ArgumentCaptor.captor();
        verify(brokers).send(sent.capture(), anyLong());
        FetchResponse unreadable = mock();
        when(unreadable.responseData(any(), anyShort())).thenThrow(new IllegalStateException("unreadable"));
        ClientResponse answer = new ClientResponse(
                sent.getValue().makeHeader((short) 12), null, "1", 0, 0, false, null, null, unreadable);

        sent.getValue().callback().onComplete(answer);

        verify(told).onComplete(answer);
    }

    private static Properties properties(GroupProtocol protocol) {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, "some-workers");
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, protocol.name());
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        return properties;
    }
}

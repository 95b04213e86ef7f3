package faults;

import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import routes.event.EventType;

/**
 * A record that the broker has acknowledged, and what has to come of it.
 *
 * @param sha256 of its value, in hex; empty when the value is null
 * @param type the event's; null when the record is none
 * @param idempotencyKey what has to happen once, however many records say so; empty when the record is not an event
 * @param effects the keys of its effects, once each
 * @param poison the record itself, when it is not an event
 * @param deadLetterOf the groups in whose dead letters it has to lie
 */
record Acknowledged(
        int partition,
        long offset,
        String eventId,
        String sha256,
        @Nullable EventType type,
        String idempotencyKey,
        List<String> effects,
        @Nullable ProducerRecord<byte[], byte[]> poison,
        Set<String> deadLetterOf) {

    String place() {
        return partition + "@" + offset;
    }
}

package routes.kafka;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** What a record takes in memory. */
final class RecordSize {

    private RecordSize() {}

    /** The bytes of its key, its value and its headers, of which a record may have a megabyte beside a small value. */
    static long of(ConsumerRecord<?, ?> record) {
        long bytes = Math.max(0L, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
        for (Header header : record.headers()) {
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }
}

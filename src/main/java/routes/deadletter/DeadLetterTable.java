package routes.deadletter;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import routes.kafka.DomainEventsSettings;
import routes.kafka.UnreadableRecord;
import routes.settings.SqlFiles;

/** The dead letters that no topic takes: the table {@code event_routes.dead_letter}. */
@Component
public class DeadLetterTable {

    private final JdbcClient jdbc;
    private final DomainEventsSettings settings;
    private final String keep;
    private final String purge;

    DeadLetterTable(JdbcClient jdbc, DomainEventsSettings settings, SqlFiles sql) {
        this.jdbc = jdbc;
        this.settings = settings;
        this.purge = sql.read("deadletter/purge.sql");
        this.keep = sql.read("deadletter/keep.sql");
    }

    /** Forgets what is older than the dead-letter topics keep a record, and what was done with it. */
    public void purge() {
        jdbc.sql(purge).param("age", settings.deadLetterRetention().toSeconds()).update();
    }

    /** Keeps a record byte for byte. One that is kept already stays one row. */
    void keep(UnreadableRecord letter) {
        ConsumerRecord<byte[], byte[]> record = letter.record();
        Header[] headers = record.headers().toArray();
        byte[][] names = new byte[headers.length][];
        byte[][] values = new byte[headers.length][];
        for (int i = 0; i < headers.length; i++) {
            names[i] = headers[i].key().getBytes(StandardCharsets.UTF_8);
            values[i] = headers[i].value();
        }
        jdbc.sql(keep)
                .param("group", letter.group())
                .param("topic", record.topic())
                .param("partition", record.partition())
                .param("offset", record.offset())
                .param("timestamp", record.timestamp())
                .param("timestampType", record.timestampType().name)
                .param("key", record.key())
                .param("value", record.value())
                .param("headerNames", names)
                .param("headerValues", values)
                .param("reason", letter.reason().replace('\0', ' ')) // which text cannot hold
                .update();
    }
}

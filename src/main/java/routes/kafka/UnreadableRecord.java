package routes.kafka;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A record that is not an event, or whose event the database refuses, unchanged: for the dead letters of the group that read it.
 *
 * @param group the consumer group
 * @param record the record, with its headers in their order, including repeated names
 * @param reason what is wrong with it
 */
public record UnreadableRecord(String group, ConsumerRecord<byte[], byte[]> record, String reason) {}

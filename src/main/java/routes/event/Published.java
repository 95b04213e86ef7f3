package routes.event;

/**
 * Where an event was written, after the brokers acknowledged it.
 *
 * @param id the event's id
 * @param topic the topic
 * @param partition the partition, the same for all events of a campaign
 * @param offset the offset in the partition
 */
public record Published(String id, String topic, int partition, long offset) {}

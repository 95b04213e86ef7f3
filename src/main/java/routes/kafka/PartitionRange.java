package routes.kafka;

/**
 * A range of a partition's offsets, all of which existed when it was looked up.
 *
 * @param partition the partition's number
 * @param beginning the first offset that the partition still had
 * @param first the first offset of the range
 * @param end the first offset after the range
 */
public record PartitionRange(int partition, long beginning, long first, long end) {}

package faults;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * How far the groups are behind, at one moment.
 *
 * @param committed by group and partition; 0 where nothing is committed yet
 * @param ends the next offset of each partition
 */
record Lag(Map<String, Map<Integer, Long>> committed, Map<Integer, Long> ends) {

    static Lag measure(Admin admin, String topic, List<String> groups) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> latest =
                admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
                        .flatMap(description -> description.partitions().stream())
                        .collect(Collectors.toMap(
                                partition -> new TopicPartition(topic, partition.partition()),
                                partition -> OffsetSpec.latest()));
        Map<String, Map<TopicPartition, OffsetAndMetadata>> offsetsOfGroups = admin.listConsumerGroupOffsets(
                        groups.stream()
                                .collect(Collectors.toMap(group -> group, group -> new ListConsumerGroupOffsetsSpec())))
                .all()
                .get();
        Map<String, Map<Integer, Long>> committed = new HashMap<>();
        for (String group : groups) {
            Map<TopicPartition, OffsetAndMetadata> offsets = offsetsOfGroups.getOrDefault(group, Map.of());
            Map<Integer, Long> byPartition = new HashMap<>();
            for (TopicPartition partition : latest.keySet()) {
                OffsetAndMetadata offset = offsets.get(partition);
                byPartition.put(partition.partition(), offset == null ? 0 : offset.offset());
            }
            committed.put(group, byPartition);
        }
        Map<Integer, Long> ends = new HashMap<>();
        admin.listOffsets(latest)
                .all()
                .get()
                .forEach((partition, end) -> ends.put(partition.partition(), end.offset()));
        return new Lag(committed, ends);
    }

    /** The records that are not committed, over all groups. */
    long total() {
        long total = 0;
        for (Map<Integer, Long> offsets : committed.values()) {
            for (var offset : offsets.entrySet()) {
                total += ends.getOrDefault(offset.getKey(), 0L) - offset.getValue();
            }
        }
        return total;
    }
}

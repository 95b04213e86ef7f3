package routes.replay;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A replay and its state.
 *
 * @param id its id
 * @param state how far it has come
 * @param plan how many records of the range would have which result
 * @param effects how many events would be processed, or campaigns recalculated; null until planned
 * @param result how many records have had which result
 * @param partitions the range in each partition; empty until known
 * @param notes what an operator should know about the range
 * @param heldBecause why it currently offers nothing; null if it does
 * @param error why it failed, or is being retried
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Replay(
        UUID id,
        @JsonUnwrapped ReplayRequest request,
        ReplayState state,
        Counts plan,
        @Nullable Long effects,
        Counts result,
        @JsonIgnore List<PartitionProgress> partitions,
        List<String> notes,
        @Nullable String heldBecause,
        @Nullable String error,
        String plannedBy,
        @Nullable String startedBy,
        @Nullable String cancelledBy,
        Instant createdAt,
        @Nullable Instant plannedAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt) {

    /**
     * How far a partition has been read.
     *
     * @param first the first offset of the range
     * @param end the first offset after it
     * @param next the next offset to read
     */
    public record PartitionProgress(int partition, long first, long end, long next) {}

    /**
     * How far the whole range has been read: first for the plan, then again from its beginning when it runs.
     *
     * @param records offsets read so far
     * @param of the total number of offsets
     */
    public record Progress(long records, long of, int percent) {}

    /** How far the whole range has been read; a planned replay has to read it again. */
    @JsonProperty
    public Progress progress() {
        long read = partitions.stream()
                .mapToLong(partition -> partition.next() - partition.first())
                .sum();
        long of = partitions.stream()
                .mapToLong(partition -> partition.end() - partition.first())
                .sum();
        boolean begun = !partitions.isEmpty();
        return new Progress(read, of, of == 0 ? (begun ? 100 : 0) : (int) (100 * read / of));
    }

    Optional<PartitionProgress> nextPartition() {
        return partitions.stream()
                .filter(partition -> partition.next() < partition.end())
                .findFirst();
    }

    boolean isPlanning() {
        return state == ReplayState.PLANNING;
    }

    /** Whether it has work for an instance. */
    boolean isAtWork() {
        return isPlanning() || state == ReplayState.RUNNING;
    }
}

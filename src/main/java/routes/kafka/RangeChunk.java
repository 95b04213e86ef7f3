package routes.kafka;

import java.util.List;

/**
 * Some records of a range, in the order of their offsets.
 *
 * @param records the records
 * @param next the offset at which to continue, or the end of the range
 * @param gone how many offsets the topic no longer had: they fell out of its retention before they were read
 */
public record RangeChunk(List<RangeRecord> records, long next, long gone) {

    /** Whether nothing was read at this offset: neither a record, nor a gap or the marker of a transaction, which have an end. */
    public boolean isEmptyAt(long offset) {
        return records.isEmpty() && next == offset;
    }
}

package routes.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import routes.event.DomainEvent;
import routes.kafka.RangeChunk;
import routes.kafka.RangeRecord;
import routes.replay.ReplayStore.Found;

/**
 * The content of a chunk of the range, as far as there was room.
 *
 * @param events the events that the replay asks for
 * @param others how many records were something else, by kind
 * @param next the offset after it
 * @param gone how many offsets before it are gone
 */
record ReplayBatch(List<Found> events, Map<String, Integer> others, long next, long gone) {

    /** Sorts the records read, until there is no room for more events. */
    static ReplayBatch of(ReplayRequest request, RangeChunk chunk, int room) {
        List<Found> events = new ArrayList<>();
        Map<String, Integer> others = new HashMap<>();
        for (RangeRecord record : chunk.records()) {
            DomainEvent event = record.event();
            if (record.unreadable()) {
                others.merge("unreadable", 1, Integer::sum);
            } else if (record.tooLate() || (event != null && !request.wants(event))) {
                others.merge("filtered", 1, Integer::sum);
            } else if (event == null) {
                others.merge("other_type", 1, Integer::sum);
            } else if (events.size() == room) {
                return new ReplayBatch(events, others, record.offset(), 0);
            } else {
                events.add(new Found(record.offset(), event));
            }
        }
        return new ReplayBatch(events, others, chunk.next(), chunk.gone());
    }

    ReplayBatch firstHalf() {
        int half = events.size() / 2;
        return new ReplayBatch(
                events.subList(0, half), Map.of(), events.get(half).offset(), gone);
    }

    ReplayBatch secondHalf() {
        return new ReplayBatch(events.subList(events.size() / 2, events.size()), others, next, 0);
    }

    /** A copy in which the events count as refused. */
    ReplayBatch withoutEvents() {
        Map<String, Integer> all = new HashMap<>(others);
        all.merge("refused", events.size(), Integer::sum);
        return new ReplayBatch(List.of(), all, next, gone);
    }
}

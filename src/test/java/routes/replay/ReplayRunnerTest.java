package routes.replay;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliverySettings;
import routes.event.EventType;
import routes.kafka.RangeChunk;
import routes.kafka.RangeReader;
import routes.replay.Replay.PartitionProgress;
import routes.worker.Backpressure;

/** What a replay writes down while the brokers send nothing. */
class ReplayRunnerTest {

    private static final ConsumerGroup GROUP = ConsumerGroup.of("email-workers", 1, EventType.USER_SIGNED_UP);
    private static final long NEXT = 7;

    private final ReplayStore store = mock();
    private final RangeReader ranges = mock();
    private final RangeReader.Reading reading = mock();
    private final ReplayWriter writer = mock();
    private final ConsumerGroups groups = mock();
    private final UUID id = UUID.randomUUID();
    private final ReplayRunner runner = new ReplayRunner(
            store,
            ranges,
            groups,
            writer,
            mock(Backpressure.class),
            mock(DeliverySettings.class),
            mock(TransactionTemplate.class));

    /** Looked at twice: for its rate, and for what to read. Then somebody has cancelled it. */
    @BeforeEach
    void planning() {
        given(groups.all()).willReturn(List.of(GROUP));
        given(groups.get(GROUP.name())).willReturn(GROUP);
        given(store.claim(any())).willReturn(List.of(id));
        given(store.find(id))
                .willReturn(Optional.of(replay()))
                .willReturn(Optional.of(replay()))
                .willReturn(Optional.empty());
        given(ranges.open(any(), any())).willReturn(reading);
    }

    @Test
    void anAnswerWithNothingIsNoProgressThatEndsATrouble() {
        given(reading.read(anyInt(), anyLong(), anyLong())).willReturn(new RangeChunk(List.of(), NEXT, 0));

        runner.advance();

        verify(reading).read(0, NEXT, 10);
        verify(writer, never()).write(any(), any(), any());
    }

    @Test
    void brokersThatSendNothingAreToldWithTheReplay() {
        given(reading.read(anyInt(), anyLong(), anyLong())).willThrow(new TimeoutException("the brokers send nothing"));

        runner.advance();

        verify(store).trouble(any(), contains("the brokers send nothing; retrying"));
        verify(store, never()).end(any(), any(), any(), any());
    }

    private Replay replay() {
        return new Replay(
                id,
                new ReplayRequest(
                        GROUP.name(),
                        ReplayPolicy.MISSING,
                        null,
                        "2026-01-01T00:00:00Z",
                        null,
                        Set.of(),
                        null,
                        null,
                        100),
                ReplayState.PLANNING,
                Counts.of("{}"),
                null,
                Counts.of("{}"),
                List.of(new PartitionProgress(0, 0, 10, NEXT)),
                List.of(),
                null,
                null,
                "ann",
                null,
                null,
                Instant.EPOCH,
                null,
                null,
                null);
    }
}

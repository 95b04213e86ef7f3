package routes.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** The value of a record, and a row of the outbox: the plain envelope, and CloudEvents in structured mode. */
class EventReaderFuzzTest {

    private final EventReader reader = new EventReader();
    private final EventWriter writer = new EventWriter(reader);

    @FuzzTest
    void readsTheSameFromWhatItWrites(byte[] value) throws Exception {
        DomainEvent event;
        try {
            event = reader.read(value, EventHeaders.NONE);
        } catch (InvalidEventException e) {
            assertThat(e.getMessage()).isNotBlank();
            return;
        }
        assertThat(reader.peekType(value, EventHeaders.NONE))
                .contains(event.type().value());
        assertThat(reader.read(writer.write(event), EventHeaders.NONE)).isEqualTo(event.tracedBy(null));
    }
}

package routes.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written is what would be read: an event that no consumer accepts is refused before it reaches the topic, for the same reason. */
class EventWriterTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a b",
            "ümlaut",
            "line\nbreak",
            "\uD83D\uDE00",
            "zero\u200Bwidth@example.com",
            " padded@example.com\u00A0",
            "no at sign",
            "two@@example.com",
            "A0000000-0000-4000-8000-00000000000A",
            "x".repeat(128),
            "x".repeat(129),
            "x".repeat(255),
            "x".repeat(256),
            "x".repeat(64) + "@example.com",
            "x".repeat(65) + "@example.com",
            "x@" + "y".repeat(252),
            "x@" + "y".repeat(253));

    private static final List<Integer> COUNTS = List.of(-1, 0, 1, 1_000_000, 1_000_001, Integer.MAX_VALUE);

    private static final List<Instant> TIMES = List.of(
            Instant.EPOCH,
            Instant.parse("1999-12-31T23:59:59.999999999Z"),
            Instant.parse("2000-01-01T00:00:00Z"),
            NOW.plusSeconds(86_400),
            NOW.plusSeconds(86_401));

    private final EventReader reader = new EventReader(() -> NOW);
    private final EventWriter writer = new EventWriter(reader);

    @ParameterizedTest
    @EnumSource
    void itRefusesWhatNobodyWouldReadForTheSameReasonAndNothingElse(EventType type) throws Exception {
        List<DomainEvent> changed = changed(Events.any(type)).toList();
        int refused = 0;

        for (DomainEvent event : changed) {
            List<Violation> violations = violations(() -> writer.write(event));

            byte[] json = EventJson.mapper().writeValueAsBytes(event);
            assertThat(violations).as("%s", event).isEqualTo(violations(() -> reader.read(json, EventHeaders.NONE)));
            refused += violations.isEmpty() ? 0 : 1;
        }

        assertThat(refused).isPositive().isLessThan(changed.size());
    }

    @ParameterizedTest
    @MethodSource
    void itNamesAValueThatCannotBeWritten(DomainEvent event, String field, String problem) {
        assertThat(violations(() -> writer.write(event)))
                .extracting(Violation::field, Violation::message)
                .contains(tuple(field, problem));
    }

    static Stream<Arguments> itNamesAValueThatCannotBeWritten() throws Exception {
        List<Arguments> all = new ArrayList<>();
        for (EventType type : EventType.values()) {
            DomainEvent event = Events.any(type);
            all.add(arguments(with(event, "timestamp", null), "timestamp", "is missing"));
            for (RecordComponent component : event.data().getClass().getRecordComponents()) {
                if (component.getType() == String.class) {
                    String field = "data." + snake(component.getName());
                    all.add(arguments(with(event, component.getName(), null), field, "is missing"));
                    String half = component.getName().equals("email") ? "\uD83D@example.com" : "\uD83D";
                    all.add(arguments(with(event, component.getName(), half), field, "contains an unpaired surrogate"));
                }
            }
        }
        return all.stream();
    }

    /** Each component of the event and of its data, with each of the values for its type. */
    private static Stream<DomainEvent> changed(DomainEvent event) {
        return Stream.of(DomainEvent.class, event.data().getClass())
                .flatMap(record -> Arrays.stream(record.getRecordComponents()))
                .filter(component -> !component.getName().equals("traceparent"))
                .flatMap(
                        component -> values(component.getType()).map(value -> with(event, component.getName(), value)));
    }

    private static Stream<?> values(Class<?> type) {
        if (type == String.class) {
            return TEXTS.stream();
        }
        if (type == Instant.class) {
            return TIMES.stream();
        }
        if (type == int.class) {
            return COUNTS.stream();
        }
        return type == Integer.class ? Stream.concat(COUNTS.stream(), Stream.of((Integer) null)) : Stream.of();
    }

    private static DomainEvent with(DomainEvent event, String name, Object value) {
        return copy(event, name, value, copy(event.data(), name, value, null));
    }

    /** The record with another value of this component, if it has one, and other data, if that is one. */
    private static <T> T copy(T record, String name, Object value, EventData data) {
        try {
            RecordComponent[] components = record.getClass().getRecordComponents();
            Object[] values = new Object[components.length];
            for (int i = 0; i < components.length; i++) {
                values[i] = components[i].getName().equals(name)
                        ? value
                        : components[i].getType() == EventData.class
                                ? data
                                : components[i].getAccessor().invoke(record);
            }
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            @SuppressWarnings("unchecked")
            T copy = (T) record.getClass().getDeclaredConstructor(types).newInstance(values);
            return copy;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String snake(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static List<Violation> violations(ThrowingCallable call) {
        InvalidEventException invalid = catchThrowableOfType(InvalidEventException.class, call);
        return invalid == null ? List.of() : invalid.violations();
    }
}

package routes.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/events/schemas says of events is what {@link EventReader} does. */
class EventSchemasTest {

    private static final int MUTATIONS = 6_000;

    /** What stands where something else should, as JSON. */
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "{}",
            "[]",
            "[1]",
            "0",
            "-1",
            "1.5",
            "1.0",
            "1e3",
            "-0.0",
            "1000000",
            "1000001",
            "2147483647",
            "2147483648",
            "123456789012345678901234567890",
            "\"\"",
            "\" \"",
            "\"\\u00a0\"",
            "\"\\u2003\\u2028\"",
            "\"\\ufeff\"",
            "\"a\\u0000b\"",
            "\"a\\u009fb\"",
            "\"abc\\n\"",
            "\"abc\\u2028\"",
            "\"abc\\u0085\"",
            "\"\\ud800\"",
            "\"a\\udc00b\"",
            "\"\\ud83d\\ude00\"",
            "\"1.0\"",
            "\"user.verified\"",
            "\"USER.VERIFIED\"",
            "\"cart.emptied\"",
            "\"C0FFEE00-0000-4000-8000-000000000001\"",
            "\"a b\"",
            "\"a/b\"",
            "\"._:-\"",
            "\"\u00e9\"",
            "\"a@b\"",
            "\"a@b@c\"",
            "\"a b@example.com\"",
            "\"\u00e9@\u00fc.example\"",
            "\"a\\u2003@example.com\"",
            "\"\\u00a0a@example.com\"",
            "\"a@example.com\\u3000\"",
            "\"a@exam\\u200bple.com\"",
            "\"a@example.com\\u180e\"",
            "\"\\u200ea@example.com\\u200f\"",
            "\"\\u202aa@example.com\\u202c\"",
            "\"\\u2066a@example.com\\u2069\"",
            "\"a@example.com\\u2060\"",
            "\"\\ufeffa@example.com\"",
            "\"\\r\\n\\ta@example.com\\u0085 \"",
            "\"a@exam\\nple.com\"",
            "\"a\\ud800@example.com\"",
            "\"a@exam\\u200dple.com\"",
            "\"<a@example.com>\"",
            "\"a\\\"@example.com\"",
            "\"a\\\\@example.com\"",
            "\"@example.com\"",
            "\"2025-01-01T12:00:00Z\"",
            "\"2025-01-01t12:00:00.123456789z\"",
            "\"2025-01-01T12:00Z\"",
            "\"2025-01-01T12:00:00+02:00\"",
            "\"2025-01-01T12:00:00-00:00\"",
            "\"2025-01-01T12:00:00+18:00\"",
            "\"2025-01-01T12:00:00+18:30\"",
            "\"2025-01-01T12:00:00+01\"",
            "\"2025-01-01T12:00:00+0100\"",
            "\"2025-01-01T12:00:00+01:00:30\"",
            "\"2025-01-01T12:00:00\"",
            "\"2025-01-01 12:00:00Z\"",
            "\"2025-01-01T24:00:00Z\"",
            "\"2025-01-01T12:00:60Z\"",
            "\"2025-01-01T12:00:00.Z\"",
            "\"2025-01-01T12:00:00.1234567890Z\"",
            "\"2025-02-30T12:00:00Z\"",
            "\"2025-13-01T12:00:00Z\"",
            "\"1999-12-31T23:59:59Z\"",
            "\"9999-01-01T00:00:00Z\"",
            "\"+12025-01-01T12:00:00Z\"");

    private final EventReader reader = new EventReader();
    private final Schema plain = Contract.schema("event");
    private final Schema cloudEvent = Contract.schema("cloud-event");

    /** Rules of the reader that a schema has no words for. docs/events/README.md lists them. */
    enum OnlyTheReader {
        /** Two fields are compared. */
        CAMPAIGNS_AGREE {
            @Override
            boolean explains(Violation violation, JsonNode value) {
                return violation.message().equals("differs from the event's campaign_id");
            }
        },
        /** The clock is asked. */
        NOT_LONG_AGO_AND_NOT_AHEAD {
            @Override
            boolean explains(Violation violation, JsonNode value) {
                return violation.message().equals("is before the year 2000")
                        || violation.message().equals(EventRules.AHEAD);
            }
        },
        /** Months have 28 to 31 days, and offsets end at 18:00. */
        CALENDAR {
            @Override
            boolean explains(Violation violation, JsonNode value) {
                return violation.message().startsWith("is not a timestamp")
                        && value.asText().matches("(?i)....-..-(29|3[01])T.*|.*[+-]18:.*");
            }
        },
        /** Characters beyond U+FFFF count twice. */
        LENGTH_IN_UTF_16 {
            @Override
            boolean explains(Violation violation, JsonNode value) {
                String text = value.asText();
                return text.length() > text.codePointCount(0, text.length())
                        && (violation.message().contains("at most 255")
                                || violation.message().equals("is not an email address"));
            }
        },
        /** To a schema 1.0 and 1e3 are integers. */
        WRITTEN_AS_WHOLE_NUMBERS {
            @Override
            boolean explains(Violation violation, JsonNode value) {
                return value.isFloatingPointNumber()
                        && Math.rint(value.doubleValue()) == value.doubleValue()
                        && violation.message().contains("not a whole number");
            }
        };

        abstract boolean explains(Violation violation, JsonNode value);
    }

    @Test
    void theSchemasAreSchemas() {
        for (Path file : Contract.files()) {
            JsonNode schema = Contract.json(file);
            if (schema.has("$schema")) {
                assertThat(Contract.metaSchema().validate(schema))
                        .as(file.toString())
                        .isEmpty();
            }
        }
    }

    @Test
    void everyExampleIsAsItsSchemaSays() throws Exception {
        try (Stream<Path> examples = Files.list(Path.of("examples/events"))) {
            for (Path example : examples.toList()) {
                JsonNode json = Contract.json(example);
                for (JsonNode event : json.isArray() ? json : List.of(json)) {
                    assertThat(plain.validate(event)).as(example.toString()).isEmpty();
                    assertThat(Contract.schema(event.path("type").textValue()).validate(event))
                            .as(example.toString())
                            .isEmpty();
                }
            }
        }
    }

    @Test
    void whatIsPublishedIsAsItsSchemaSays() {
        for (EventType type : EventType.values()) {
            JsonNode event = Events.json(Events.any(type), json -> {});

            assertThat(plain.validate(event)).as(type.value()).isEmpty();
            assertThat(Contract.schema(type.value()).validate(event))
                    .as(type.value())
                    .isEmpty();
        }
    }

    /** What the reader takes, the schemas allow; what it refuses, they refuse, but for the rules above. */
    @Test
    void theReaderAndTheSchemasAreOfOneMind() throws Exception {
        Random random = new Random(7);
        List<JsonNode> values = values();
        List<EventType> types = List.of(EventType.values());
        int read = 0;
        int refusedByBoth = 0;
        List<String> differences = new ArrayList<>();
        for (int i = 0; i < MUTATIONS; i++) {
            DomainEvent event = Events.any(types.get(i % types.size()));
            ObjectNode json = i % 4 == 0 ? cloudEvent(event) : Events.json(event, e -> {});
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                change(json, values, random);
            }
            boolean allowed =
                    plain.validate(json).isEmpty() || cloudEvent.validate(json).isEmpty();
            try {
                reader.read(json, EventHeaders.NONE);
                read++;
                if (!allowed) {
                    differences.add("only the reader takes " + json);
                }
            } catch (InvalidEventException e) {
                if (!allowed) {
                    refusedByBoth++;
                } else if (!e.violations().stream().allMatch(violation -> isExplained(violation, json))) {
                    differences.add("only the reader refuses " + json + ": " + e.getMessage());
                }
            }
        }

        assertThat(differences).isEmpty();
        assertThat(read).as("mutations that left an event").isGreaterThan(MUTATIONS / 20);
        assertThat(refusedByBoth).isGreaterThan(MUTATIONS / 4);
    }

    private static boolean isExplained(Violation violation, JsonNode event) {
        JsonNode value = event.at("/" + violation.field().replace('.', '/'));
        return Stream.of(OnlyTheReader.values()).anyMatch(rule -> rule.explains(violation, value));
    }

    private static List<JsonNode> values() throws Exception {
        List<JsonNode> values = new ArrayList<>();
        for (String value : VALUES) {
            values.add(EventJson.mapper().readTree(value.getBytes(StandardCharsets.UTF_8)));
        }
        for (String text : List.of("x", "\ud83d\ude00", "a@b.example")) {
            for (int length : new int[] {64, 65, 127, 128, 129, 253, 254, 255, 256}) {
                String repeated = text.repeat(length).substring(0, text.equals("\ud83d\ude00") ? 2 * length : length);
                values.add(EventJson.mapper().getNodeFactory().textNode(repeated));
                values.add(EventJson.mapper().getNodeFactory().textNode("a@" + repeated.substring(2)));
                values.add(EventJson.mapper().getNodeFactory().textNode(repeated + "@example.com"));
            }
        }
        return values;
    }

    private static ObjectNode cloudEvent(DomainEvent event) {
        ObjectNode json = EventJson.mapper().createObjectNode();
        json.put("specversion", "1.0").put("id", event.id()).put("source", "/elsewhere");
        json.put("type", event.type().value()).put("time", event.timestamp().toString());
        return json.set("data", EventJson.mapper().valueToTree(event.data()));
    }

    /** A field, known or not, goes, or is given another value or another's. */
    private static void change(ObjectNode event, List<JsonNode> values, Random random) {
        ObjectNode object = random.nextBoolean() && event.path("data") instanceof ObjectNode data ? data : event;
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        names.addAll(List.of("points_per_referral", "specversion", "time", "more"));
        String name = names.get(random.nextInt(names.size()));
        switch (random.nextInt(6)) {
            case 0 -> object.remove(name);
            case 1 -> object.set("more", values.get(random.nextInt(values.size())));
            case 2 ->
                object.set(
                        name,
                        event.path(random.nextBoolean() ? "campaign_id" : "id").deepCopy());
            default -> object.set(name, values.get(random.nextInt(values.size())));
        }
    }
}

package routes.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.ContentReference;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** The JSON of events. Jackson 2, which Camel depends on; input from outside is bounded in depth, length and number of values. */
public final class EventJson {

    private static final int MAX_DEPTH = 64;
    private static final int MAX_STRING = 256 * 1024;

    /** A thousand events of 250 tokens. Each empty object costs a hundred bytes of heap, for three bytes of JSON. */
    private static final int MAX_TOKENS = 250_000;

    /** Far deeper than an event, and no deeper than what shows it can write. */
    private static final int MAX_DEPTH_OF_COLUMN = 200;

    private static final JsonMapper MAPPER = mapper(new Utf8Factory());

    /** Columns also hold what was refused as an event just because it was too large, and jsonb writes 1e5000 with all of its zeros. */
    private static final JsonMapper COLUMNS = mapper(new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH_OF_COLUMN)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build());

    private EventJson() {}

    private static JsonMapper mapper(JsonFactory factory) {
        return JsonMapper.builder(factory)
                // Duplicate fields: readers would disagree on which one counts.
                .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                // Numbers are written as they were read, to the last digit.
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                .build();
    }

    /** The mapper that reads and writes events, and any other JSON that is stored or sent. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /**
     * Reads input from outside.
     *
     * @throws IOException when it is not JSON, or exceeds the bounds; also for a number with an exponent too large for Java,
     *     which Jackson reports as a programming error
     */
    public static JsonNode tree(byte[] json) throws IOException {
        try {
            return MAPPER.readTree(json);
        } catch (NumberFormatException e) {
            throw new JsonParseException(null, "a number is out of range", e);
        }
    }

    /** Reads what this service has written into a column. */
    public static <T> T column(String json, TypeReference<T> type) {
        try {
            return COLUMNS.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw notJson(e);
        }
    }

    /** Reads any JSON in a column, as plain values. If it is nested too deep to be shown as these, it stays text. */
    public static Object column(String json) {
        try {
            return COLUMNS.readValue(json, Object.class);
        } catch (StreamConstraintsException tooDeep) { // nothing else is bounded
            return json;
        } catch (JsonProcessingException e) {
            throw notJson(e);
        }
    }

    private static IllegalStateException notJson(JsonProcessingException e) {
        return new IllegalStateException("A column does not hold valid JSON", e);
    }

    /** Reads bytes as UTF-8 alone (RFC 8259, section 8.1). Jackson would detect UTF-16 and UTF-32 by their first bytes, and read them. */
    private static final class Utf8Factory extends JsonFactory {

        private Utf8Factory() {
            super(new JsonFactoryBuilder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(MAX_STRING)
                            .maxTokenCount(MAX_TOKENS)
                            .build()));
        }

        @Override
        protected JsonParser _createParser(byte[] data, int offset, int length, IOContext context) throws IOException {
            if (isUtf16Or32(data, offset, offset + Math.min(length, 4))) {
                throw new JsonParseException(
                        "The text is in UTF-16 or UTF-32, not in UTF-8",
                        new JsonLocation(ContentReference.unknown(), 0, 1, 1));
            }
            return super._createParser(data, offset, length, context);
        }

        /** JSON in UTF-8 never has a zero byte, or a byte of another encoding's byte order mark. */
        private static boolean isUtf16Or32(byte[] data, int start, int end) {
            for (int i = start; i < end; i++) {
                if (data[i] == 0 || data[i] == (byte) 0xFE || data[i] == (byte) 0xFF) {
                    return true;
                }
            }
            return false;
        }
    }
}

package routes.deadletter;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import routes.background.Masking;

/**
 * Bytes of a record, for display.
 *
 * @param text if they are UTF-8, with mail addresses masked
 * @param base64 if they are not
 * @param size how many bytes there are
 * @param cut whether only the first of them are shown
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Content(@Nullable String text, @Nullable String base64, int size, boolean cut) {

    /** How many bytes are shown at most. */
    static final int MAX = 64 * 1024;

    /** The bytes for display; null for null. */
    static @Nullable Content of(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        boolean cut = bytes.length > MAX;
        byte[] shown = cut ? Arrays.copyOf(bytes, MAX) : bytes;
        String text = text(shown, cut);
        return new Content(
                text == null ? null : Masking.maskAddresses(text),
                text == null ? Base64.getEncoder().encodeToString(shown) : null,
                bytes.length,
                cut);
    }

    /** Null if it is not UTF-8. A cut may split a character. */
    private static @Nullable String text(byte[] bytes, boolean cut) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer characters = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(ByteBuffer.wrap(bytes), characters, !cut);
        return result.isError() ? null : characters.flip().toString();
    }
}

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
 * Bytes of a record to be looked at.
 *
 * @param text when they are UTF-8, without the names of mail addresses
 * @param base64 when they are not
 * @param size how many there are
 * @param cut whether only the first of them are shown
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Content(@Nullable String text, @Nullable String base64, int size, boolean cut) {

    /** What is shown at most. */
    static final int MAX = 64 * 1024;

    /** What is shown of some bytes; null for none. */
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

    /** Null for what is not UTF-8. Where it is cut, a character may be cut, too. */
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

package routes.event;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Headers and value of a record: CloudEvents in binary mode. The input is a header a line, an empty line, and the value. */
class BinaryEventFuzzTest {

    private final EventReader reader = new EventReader();

    @FuzzTest
    void readsOrSaysWhatIsWrong(byte[] input) {
        String[] record = new String(input, ISO_8859_1).split("\n\n", 2);
        byte[] value = record.length < 2 ? null : record[1].getBytes(ISO_8859_1);
        Map<String, String> headers = new HashMap<>();
        for (String header : record[0].split("\n", -1)) {
            int colon = header.indexOf(':');
            if (colon > 0) {
                headers.put(header.substring(0, colon), header.substring(colon + 1));
            }
        }
        Optional<String> type = Optional.empty();
        try {
            type = reader.peekType(value, headers::get);
            DomainEvent event = reader.read(value, headers::get);
            assertThat(type).contains(event.type().value());
        } catch (InvalidEventException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}

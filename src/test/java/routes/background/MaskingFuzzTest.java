package routes.background;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Text of remote sides, which becomes a line of the log. */
class MaskingFuzzTest {

    @FuzzTest
    void isOneLineWithoutTheNameOfAnAddress(byte[] input) {
        String text = new String(input, UTF_8);
        int middle = text.length() / 2;

        String masked = Masking.mask(text.substring(0, middle) + " ada.lovelace@example.com " + text.substring(middle));

        assertThat(masked).isNotNull().hasSizeLessThanOrEqualTo(1000).doesNotContainPattern("\\p{Cntrl}");
        if (!text.contains("ada.lovelace")) {
            assertThat(masked).doesNotContain("ada.lovelace");
        }
    }
}

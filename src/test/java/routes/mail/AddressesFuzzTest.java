package routes.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import jakarta.mail.internet.AddressException;

/** An address, of an event or a setting. */
class AddressesFuzzTest {

    @FuzzTest
    void isOneAddressInAsciiOrNone(byte[] input) {
        String text = new String(input, UTF_8);
        try {
            assertThat(Addresses.ascii(text))
                    .isPrintable()
                    .containsOnlyOnce("@")
                    .doesNotContainAnyWhitespaces();
        } catch (AddressException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
        try {
            assertThat(Addresses.parse(text).getAddress()).isPrintable().containsOnlyOnce("@");
        } catch (AddressException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}

package routes.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import jakarta.mail.internet.AddressException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

    @ParameterizedTest
    @CsvSource({
        "ada@example.com, ada@example.com",
        "Ada.O'Neill+list@Mail.Example.co.uk, Ada.O'Neill+list@Mail.Example.co.uk",
        "ada@b\u00fccher.example, ada@xn--bcher-kva.example",
        "ada@\u4f8b\u5b50.example, ada@xn--fsqu00a.example",
        "ada@xn--bcher-kva.example, ada@xn--bcher-kva.example"
    })
    void writesDomainsInAscii(String address, String ascii) throws Exception {
        assertThat(Addresses.ascii(address)).isEqualTo(ascii);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ada",
                "ada@",
                "@example.com",
                "ada@example..com",
                "ada@-example.com",
                "ada@example.com, eve@example.com",
                "ada@example.com\r\nBcc: eve@example.com",
                "Ada <ada@example.com>",
                "<ada@example.com>",
                "@hop.example:ada@example.com",
                "ada(comment)@example.com",
                "ada@[127.0.0.1]",
                ".ada@example.com",
                "ada\\@example.com@example.org",
                "a\\da@example.com"
            })
    void refusesWhatIsNoAddressOrMoreThanOne(String address) {
        assertThatThrownBy(() -> Addresses.ascii(address)).isInstanceOf(AddressException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " ", "\t", "\r\n", "\u00a0", "\u2003", "\u3000", "\u200b", "\u2060", "\ufeff", "\u2028", "\u180e",
                "\u200e", "\u202a"
            })
    void whiteSpaceAroundAnAddressIsNoneOfIt(String space) throws Exception {
        assertThat(Addresses.ascii(space + "ada@example.com" + space + space)).isEqualTo("ada@example.com");
        assertThatThrownBy(() -> Addresses.ascii("ada" + space + "@example.com"))
                .isInstanceOf(AddressException.class);
        assertThatThrownBy(() -> Addresses.ascii("ada@exam" + space + "ple.com"))
                .isInstanceOf(AddressException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", " a", "a@", "(", "\"", "\\", ".", "a.", "@", "ada@example.com ", "\ufeff"})
    void isLinearInWhatARowMayHold(String some) {
        String address = some.repeat(1_000_000 / some.length());

        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> assertThatThrownBy(() -> Addresses.ascii(address))
                .isInstanceOf(AddressException.class));
    }

    @ParameterizedTest
    @CsvSource({
        "\u0161da@example.com, before the @",
        "ada@stra\u00dfe.example, is ambiguous",
        "ada@\u03c2\u03b1\u03c2.example, is ambiguous"
    })
    void saysWhyAnAddressCannotBeWritten(String address, String reason) {
        assertThatThrownBy(() -> Addresses.ascii(address)).hasMessageContaining(reason);
    }

    @Test
    void readsASenderWithItsName() throws Exception {
        assertThat(Addresses.parse("Early Birds <hello@b\u00fccher.example>").getAddress())
                .isEqualTo("hello@xn--bcher-kva.example");
        assertThatThrownBy(() -> Addresses.parse("a@example.com, b@example.com"))
                .isInstanceOf(AddressException.class);
    }
}

package routes.mail;

import com.sanctionco.jmail.Email;
import com.sanctionco.jmail.EmailValidator;
import com.sanctionco.jmail.JMail;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import routes.event.WhiteSpace;

/** Mail addresses as SMTP without SMTPUTF8 carries them: ASCII only, with non-ASCII domains in their xn-- form (IDNA). */
public final class Addresses {

    private static final EmailValidator VALIDATOR = JMail.strictValidator()
            .disallowQuotedIdentifiers()
            // What a backslash quotes, such as an @, needs quotation marks around it (RFC 5321, section 4.1.2).
            .withRule(address -> !address.localPart().contains("\\"))
            .withRule(address -> address.comments().isEmpty());

    /**
     * Letters that IDNA 2003, which the JDK uses, and IDNA 2008, which registries use, map to different domains (RFC 5894,
     * section 7.2): the mail could go to somebody else.
     */
    private static final Pattern AMBIGUOUS = Pattern.compile("[\\u00df\\u03c2\\u200c\\u200d]");

    private Addresses() {}

    /**
     * The address in ASCII, without white space around it.
     *
     * @throws AddressException when it is not an address, or cannot be written in ASCII; the message says why, without the address
     */
    public static String ascii(String text) throws AddressException {
        String address = WhiteSpace.strip(text);
        if (WhiteSpace.isIn(address)) {
            throw new AddressException(
                    "it contains white space"); // IDNA would drop some of it, and yield another domain
        }
        Email parsed = VALIDATOR
                .tryParse(address)
                .filter(email -> address.equals(email.localPart() + "@" + email.domain())) // and nothing else
                .orElseThrow(() -> new AddressException("it is not an email address (RFC 5321, section 4.1.2)"));
        if (!isAscii(parsed.localPart())) {
            throw new AddressException(
                    "it has non-ASCII characters before the @, which need SMTPUTF8 (RFC 6531); this service does not support that");
        }
        if (isAscii(parsed.domain())) {
            return address;
        }
        if (AMBIGUOUS.matcher(parsed.domain()).find()) {
            throw new AddressException("its domain is ambiguous (RFC 5894): write it in its xn-- form");
        }
        try {
            return parsed.localPart() + "@" + IDN.toASCII(parsed.domain(), IDN.USE_STD3_ASCII_RULES);
        } catch (IllegalArgumentException e) {
            throw new AddressException("its domain cannot be written in ASCII (RFC 3490)");
        }
    }

    /**
     * An address with or without a display name, such as {@code Early Birds <hello@example.com>}.
     *
     * @throws AddressException when it is not exactly one, or cannot be written in ASCII
     */
    public static InternetAddress parse(String text) throws AddressException {
        InternetAddress[] parsed = InternetAddress.parse(text, false);
        if (parsed.length != 1) {
            throw new AddressException("it is not exactly one mail address");
        }
        parsed[0].setAddress(ascii(parsed[0].getAddress()));
        return parsed[0];
    }

    /** The part after the @. */
    public static String domain(InternetAddress address) {
        return address.getAddress().substring(address.getAddress().lastIndexOf('@') + 1);
    }

    /** Whether a text is ASCII. */
    public static boolean isAscii(String text) {
        return StandardCharsets.US_ASCII.newEncoder().canEncode(text);
    }
}

package routes.background;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes text from remote systems, exceptions and events safe for the ledger, the log and operators. */
public final class Masking {

    private static final int MAX = 1000;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

    /**
     * An at sign, including its spellings in URLs (RFC 3986, section 2.1), JSON (RFC 8259, section 7), quoted-printable text
     * and HTML, followed by the start of a domain or an address literal (RFC 5321, section 4.1.3).
     */
    private static final Pattern AT = Pattern.compile(
            "(?:@|%40|%2540|\\\\u0040|\\\\x40|=40|&#64;|&#x40;|&commat;|\uff20)(?=[\\p{L}\\p{N}\\[_-])");

    private static final String NOT_IN_A_WORD = "@<>\"'(),;:=";

    private Masking() {}

    /** One line of at most a thousand characters, with mail addresses masked. */
    public static @Nullable String mask(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String masked = maskAddresses(CONTROL.matcher(text).replaceAll(" "));
        return masked.length() <= MAX ? masked : masked.substring(0, MAX);
    }

    /** The text with mail addresses masked, otherwise unchanged. Linear in its length. */
    public static String maskAddresses(String text) {
        Matcher at = AT.matcher(text);
        StringBuilder masked = new StringBuilder(text.length());
        int written = 0;
        int before = 0; // the end of the last at sign: each character is checked once
        while (at.find()) {
            int name = beginOfName(text, before, at.start());
            if (name < at.start()) {
                masked.append(text, written, name + 1).append("***");
                written = at.start();
            }
            before = at.end();
        }
        return masked.append(text, written, text.length()).toString();
    }

    /** Where the local part that ends before an index begins: a word, or a quoted string (RFC 5321, section 4.1.2). */
    private static int beginOfName(String text, int from, int end) {
        int begin = end;
        if (end > from && text.charAt(end - 1) == '"') {
            return Math.max(from, openingQuote(text, from, end - 1)); // all of it if the rest was cut off
        }
        while (begin > from && isOfAWord(text.charAt(begin - 1))) {
            begin--;
        }
        return begin;
    }

    /**
     * Where the quoted string that ends with this quote begins; both quotes may be escaped, as in JSON. Less than {@code from} if nowhere.
     */
    private static int openingQuote(String text, int from, int closing) {
        boolean escaped = isEscaped(text, from, closing);
        int quote = closing - 1;
        while (quote >= from && (text.charAt(quote) != '"' || isEscaped(text, from, quote) != escaped)) {
            quote--;
        }
        return quote;
    }

    private static boolean isEscaped(String text, int from, int index) {
        return index > from && text.charAt(index - 1) == '\\';
    }

    private static boolean isOfAWord(char c) {
        return !Character.isWhitespace(c) && NOT_IN_A_WORD.indexOf(c) < 0;
    }
}

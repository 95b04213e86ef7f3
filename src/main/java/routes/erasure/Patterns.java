package routes.erasure;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What rows are searched for, in PostgreSQL's languages: LIKE is cheap, and finds the few rows at which a regular expression looks. */
final class Patterns {

    /** As in the function {@code without}: letters and digits of scripts that have white space between words, and signs of local parts. */
    private static final String LETTERS = "0-9a-z\\u00c0-\\u0dff\\u0f00-\\u1fff";

    private static final String SIGNS = "!#$%&'*+^_`{}~.-";

    /** The same as JSON and URLs may escape them. */
    private static final String ESCAPED_SIGN = "(?:\\\\+u00|%)(?:2[13-7abde]|[57]e|5f|60|7[bd])";

    /** The hexadecimal digits of what may stand before an address, and is not of one: white space, quotes, brackets, commas and the like. */
    private static final String DELIMITER = "(?:0[9ad]|2[028cf]|3[a-f]|5b|7c)";

    /** What ends with a letter or digit and stands for another character: in JSON, in encoded bytes, in URLs and quoted-printable text. */
    private static final String ESCAPE =
            "\\\\(?:[bfnrt]|[0-7]{3}|u00%1$s|u(?:00[89a-f]|0[1-9a-f][0-9a-f]|[1-9a-f][0-9a-f]{2})[0-9a-f])|[=%%]%1$s"
                    .formatted(DELIMITER);

    private Patterns() {}

    /** For LIKE: what contains a text. */
    static String like(String text) {
        return "%" + text.replaceAll("[\\\\%_]", "\\\\$0") + "%";
    }

    /** For LIKE: what may contain a word, also as JSON spells it. */
    static String likeWord(String word) {
        return roughly(word, "[\"\\\\%_\\p{Cntrl}]+");
    }

    /** For LIKE: what may contain an address, however it is spelt. */
    static String likeAddress(String address) {
        return roughly(address, "[^0-9A-Za-z.-]+");
    }

    private static String roughly(String text, String varies) {
        return "%" + text.replaceAll(varies, "%") + "%";
    }

    /**
     * A regular expression of any of these addresses in a text in lower case, in JSON, or in what {@code encode(bytes, 'escape')} makes of
     * UTF-8. It is one that PostgreSQL matches in one pass, without looking around.
     */
    static String spelt(Collection<String> addresses) {
        String any = addresses.stream().map(Patterns::spelt).collect(Collectors.joining("|"));
        return "(?:^|[^\\\\%1$s%2$s]|%3$s)(?:[%2$s]|%4$s)*(?:%5$s)(?:$|[^%1$s.-]|[.-](?:$|[^%1$s]))"
                .formatted(LETTERS, SIGNS, ESCAPE, ESCAPED_SIGN, any);
    }

    private static String spelt(String address) {
        return address.toLowerCase(Locale.ROOT)
                .codePoints()
                .mapToObj(Character::toString)
                .map(character -> character.matches("[0-9a-z.-]") ? character.replace(".", "\\.") : anyOf(character))
                .collect(Collectors.joining());
    }

    /** A character as it is, in JSON, as bytes in URLs and quoted-printable text, and as {@code encode} writes bytes. */
    private static String anyOf(String character) {
        return Stream.of(character, character.toUpperCase(Locale.ROOT))
                .flatMap(some -> Stream.of(
                        some.replaceAll("\\p{Punct}", "\\\\$0"),
                        some.chars().mapToObj("\\\\+u%04x"::formatted).collect(Collectors.joining()),
                        bytes(some, "[=%%]%02x"),
                        bytes(some, "\\\\%03o")))
                .distinct()
                .collect(Collectors.joining("|", "(?:", ")"));
    }

    private static String bytes(String text, String format) {
        StringBuilder all = new StringBuilder();
        for (byte some : text.getBytes(StandardCharsets.UTF_8)) {
            all.append(format.formatted(some & 0xff));
        }
        return all.toString();
    }
}

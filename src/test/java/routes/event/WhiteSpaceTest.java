package routes.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WhiteSpaceTest {

    /** What it is, as a regular expression. */
    private static final Pattern WHITE_SPACE = Pattern.compile(
            "[\\s\\p{Z}\\p{Cntrl}\\u0080-\\u009f\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff]");

    @Test
    void eachCharacterIsWhiteSpaceOrNot() {
        assertThat(IntStream.rangeClosed(0, Character.MAX_VALUE)
                        .mapToObj(unit -> String.valueOf((char) unit))
                        .filter(text -> WhiteSpace.isIn(text)
                                != WHITE_SPACE.matcher(text).matches())
                        .map(text -> "U+%04X".formatted((int) text.charAt(0))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "ada@example.com|ada@example.com",
                "\u200b ada@example.com\u00a0\u2060|ada@example.com",
                "ada lovelace|ada lovelace",
                "' \t\u3000 '|''",
                "''|''",
                "\ud83d\ude00 |\ud83d\ude00"
            })
    void isStrippedAtBothEnds(String text, String stripped) {
        assertThat(WhiteSpace.strip(text)).isEqualTo(stripped);
    }
}

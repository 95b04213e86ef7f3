package routes.event;

import java.util.regex.Pattern;

/**
 * White space of every kind, as spreadsheets, chats and forms leave it around an address: Unicode's, control characters, what has no
 * width (ZWSP, word joiner, BOM), and the marks of directions.
 */
public final class WhiteSpace {

    private static final String ANY =
            "[\\s\\p{Z}\\p{Cntrl}\\u0080-\\u009f\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff]";
    private static final Pattern ONE = Pattern.compile(ANY);
    private static final Pattern AROUND = Pattern.compile("^" + ANY + "++|(?<!" + ANY + ")" + ANY + "++$");

    private WhiteSpace() {}

    /** Whether there is some in a text. */
    public static boolean isIn(String text) {
        return ONE.matcher(text).find();
    }

    /** A text without that around it. */
    public static String strip(String text) {
        return AROUND.matcher(text).replaceAll("");
    }
}

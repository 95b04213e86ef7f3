package routes.event;

import java.util.regex.Pattern;

/**
 * White space of every kind that spreadsheets, chats and forms leave around an address: Unicode white space, control
 * characters, zero-width characters (ZWSP, word joiner, BOM) and direction marks.
 */
public final class WhiteSpace {

    private static final String ANY =
            "[\\s\\p{Z}\\p{Cntrl}\\u0080-\\u009f\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff]";
    private static final Pattern ONE = Pattern.compile(ANY);
    private static final Pattern AROUND = Pattern.compile("^" + ANY + "++|(?<!" + ANY + ")" + ANY + "++$");

    private WhiteSpace() {}

    /** Whether a text contains any. */
    public static boolean isIn(String text) {
        return ONE.matcher(text).find();
    }

    /** A text without leading and trailing white space. */
    public static String strip(String text) {
        return AROUND.matcher(text).replaceAll("");
    }
}

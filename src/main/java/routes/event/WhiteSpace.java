package routes.event;

/**
 * White space of every kind that spreadsheets, chats and forms leave around an address: Unicode white space, control
 * characters, zero-width characters (ZWSP, word joiner, BOM) and direction marks.
 */
public final class WhiteSpace {

    /** Zero-width characters and direction marks; not the joiners, which letters of some scripts need. */
    private static final String INVISIBLE =
            "\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff";

    private WhiteSpace() {}

    /** Whether a text contains any. */
    public static boolean isIn(String text) {
        return text.chars().anyMatch(WhiteSpace::is);
    }

    /** A text without leading and trailing white space. */
    public static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && is(text.charAt(from))) {
            from++;
        }
        while (from < to && is(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    /** Of a UTF-16 code unit: all white space is in the basic plane. Not a regular expression, which took a tenth of reading an event. */
    private static boolean is(int unit) {
        return switch (Character.getType(unit)) {
            case Character.SPACE_SEPARATOR,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.CONTROL -> true;
            case Character.FORMAT -> INVISIBLE.indexOf(unit) >= 0;
            default -> false;
        };
    }
}

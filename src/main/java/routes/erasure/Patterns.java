package routes.erasure;

/** What rows are searched for: LIKE is cheap, and finds the few rows at which the function {@code without} looks. */
final class Patterns {

    private Patterns() {}

    /** For LIKE: what contains a text. */
    static String like(String text) {
        return "%" + text.replaceAll("[\\\\%_]", "\\\\$0") + "%";
    }

    /** For LIKE: what may contain a word, also as JSON spells it. */
    static String likeWord(String word) {
        return "%" + word.replaceAll("[\"\\\\%_\\p{Cntrl}]+", "%") + "%";
    }
}

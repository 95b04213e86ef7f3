package routes.settings;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** What somebody may have meant who wrote a name that is almost another one. */
public final class Nearest {

    /** Shorter names differ in one letter at most: otherwise too many are alike. */
    private static final int LONG = 8;

    private Nearest() {}

    /** The name that differs least, if that is in one letter, or in two of a long name. */
    public static Optional<String> to(String written, Collection<String> names) {
        return names.stream()
                .filter(name -> distance(written, name) <= (Math.min(written.length(), name.length()) < LONG ? 1 : 2))
                .min(Comparator.comparingInt(name -> distance(written, name)));
    }

    /** A question for the end of a sentence about a wrong name; empty if no name is near. */
    public static String question(String written, Collection<String> names) {
        return to(written, names).map(", did you mean %s?"::formatted).orElse("");
    }

    /** How many letters have to be added, removed or replaced (Levenshtein's distance). */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}

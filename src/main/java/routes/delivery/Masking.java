package routes.delivery;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes text from remote sides, exceptions and events fit for a row of the ledger, a line of the log, the eyes of an operator. */
public final class Masking {

    private static final int MAX = 1000;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

    /** Begins where a word does, or a long word without an at sign would be searched once a character. */
    private static final Pattern ADDRESS =
            Pattern.compile("(?<![^\\s@<>\"'(),;:=])([^\\s@<>\"'(),;:=])[^\\s@<>\"'(),;:=]*+@([\\w.-]+)");

    private Masking() {}

    /** One line of at most a thousand characters, without the names of mail addresses. */
    public static @Nullable String mask(@Nullable String text) {
        if (text == null) {
            return null;
        }
        // Cut first: a search takes its time in what a remote side makes long.
        String line = CONTROL.matcher(text.length() <= 2 * MAX ? text : text.substring(0, 2 * MAX))
                .replaceAll(" ");
        String masked = maskAddresses(line);
        return masked.length() <= MAX ? masked : masked.substring(0, MAX);
    }

    /** The text without the names of mail addresses, otherwise as it is. */
    public static String maskAddresses(String text) {
        return ADDRESS.matcher(text).replaceAll("$1***@$2");
    }
}

package routes.delivery;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes text from remote sides and exceptions fit for a row of the ledger and a line of the log. */
final class Masking {

    private static final int MAX = 1000;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");
    private static final Pattern ADDRESS = Pattern.compile("([^\\s@<>\"'(),;:=])[^\\s@<>\"'(),;:=]*@([\\w.-]+)");

    private Masking() {}

    /** One line of at most a thousand characters, without the names of mail addresses. */
    static @Nullable String mask(@Nullable String text) {
        if (text == null) {
            return null;
        }
        // Cut first: a search takes its time in what a remote side makes long.
        String line = CONTROL.matcher(text.length() <= 2 * MAX ? text : text.substring(0, 2 * MAX))
                .replaceAll(" ");
        String masked = ADDRESS.matcher(line).replaceAll("$1***@$2");
        return masked.length() <= MAX ? masked : masked.substring(0, MAX);
    }
}

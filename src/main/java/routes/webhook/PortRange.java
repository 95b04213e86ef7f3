package routes.webhook;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of ports, both ends included.
 *
 * @param first the lowest
 * @param last the highest
 */
public record PortRange(int first, int last) {

    private static final int HIGHEST = 65_535;
    private static final Pattern FORM = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

    /**
     * Reads {@code 443} or {@code 8000-8100}.
     *
     * @throws IllegalArgumentException when it is neither
     */
    public static PortRange valueOf(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            int first = Integer.parseInt(form.group(1));
            int last = form.group(2) == null ? first : Integer.parseInt(form.group(2));
            if (first >= 1 && first <= last && last <= HIGHEST) {
                return new PortRange(first, last);
            }
        }
        throw new IllegalArgumentException(
                "write ports from 1 to 65535, such as 443 or 8000-8100: \"%s\" is not one".formatted(text));
    }

    boolean contains(int port) {
        return port >= first && port <= last;
    }
}

package routes.yaml;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The mistakes in all route files, in the order in which they were found, so that all are told at once. */
final class Mistakes {

    /** What Camel says of a variable. */
    private static final Pattern NOT_SET = Pattern.compile("Property with key \\[(.+?)]");

    private final Map<String, RouteFileException> all = new LinkedHashMap<>();

    /** What reads or uses a file. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    void add(Path file, int line, String reason) {
        add(new RouteFileException(file, line, reason, null));
    }

    void add(RouteFileException mistake) {
        Matcher notSet = NOT_SET.matcher(String.valueOf(mistake.getMessage()));
        if (notSet.find()
                && all.keySet().stream().anyMatch(told -> told.contains(" " + notSet.group(1) + " is not set"))) {
            return; // Variables has told it with the line of its text
        }
        all.putIfAbsent(String.valueOf(mistake.getMessage()), mistake);
    }

    /** Does it, or adds the reason why it failed; returns whether it worked, and added none itself. */
    boolean in(Path file, Work work) {
        int before = all.size();
        try {
            work.run();
        } catch (RouteFileException e) {
            add(e);
        } catch (Exception e) {
            add(RouteFileException.of(file, e));
        }
        return all.size() == before;
    }

    /** Throws all of them, if there is one. */
    void throwAny() {
        if (!all.isEmpty()) {
            throw new RouteFileException(List.copyOf(all.values()));
        }
    }
}

package routes.mail;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks templates against the variables that their mail has, so that what is misspelt or may be missing is found at the
 * start, and not by a reader as a hole in a mail. A variable that may be missing has to stand in a section of its own name.
 */
final class TemplateCheck {

    private static final Pattern TAG = Pattern.compile("\\{\\{(\\{?)\\s*([#^/>&!=]?)\\s*(.*?)\\s*}}", Pattern.DOTALL);
    private static final int MAX_TYPOS = 3;

    private final Source source;
    private final Set<String> problems = new LinkedHashSet<>();

    /** Where templates and partials come from. */
    @FunctionalInterface
    interface Source {

        /**
         * The text of a file.
         *
         * @throws IOException when there is none
         */
        String read(String file) throws IOException;
    }

    TemplateCheck(Source source) {
        this.source = source;
    }

    /** What is wrong, one sentence each, with file and line; empty when all is right. */
    Collection<String> problems() {
        return problems;
    }

    /**
     * Checks a template with the partials that it includes.
     *
     * @param file what it is called where something is wrong
     */
    void check(Mail mail, Mail.Part part, String file, String template) {
        check(mail, part, file, template, new ArrayDeque<>(), new ArrayDeque<>());
    }

    private void check(
            Mail mail, Mail.Part part, String file, String template, Deque<String> sections, Deque<String> included) {
        Matcher tags = TAG.matcher(template);
        while (tags.find()) {
            String name = tags.group(3);
            String kind = tags.group(1).isEmpty() ? tags.group(2) : "{";
            String place = "%s, line %d: ".formatted(file, line(template, tags.start()));
            switch (kind) {
                case "!" -> {} // a comment
                case "=" -> problems.add(place + "delimiters stay {{ and }}: remove this tag");
                case "&", "{" ->
                    problems.add(place + "values are always escaped: write {{%s}}".formatted(name.replace("}", "")));
                case ">" -> include(mail, part, name, place, sections, included);
                case "/" -> sections.poll();
                case "#", "^" -> {
                    requireKnown(mail, name, place);
                    sections.push(kind + name);
                }
                default -> {
                    if (requireKnown(mail, name, place)
                            && !mail.required().contains(name)
                            && !sections.contains("#" + name)) {
                        problems.add(place
                                + "%s may be missing: write {{#%s}} before and {{/%s}} after what needs it"
                                        .formatted(name, name, name));
                    }
                }
            }
        }
    }

    private void include(
            Mail mail, Mail.Part part, String name, String place, Deque<String> sections, Deque<String> included) {
        if (included.contains(name)) {
            problems.add(place + "{{>%s}} includes itself: remove it".formatted(name));
            return;
        }
        String file = "%s.%s.mustache".formatted(name, part.format());
        try {
            String partial = source.read(file);
            included.push(name);
            check(mail, part, file, partial, new ArrayDeque<>(sections), included);
            included.pop();
        } catch (IOException e) {
            problems.add(place
                    + "{{>%s}} includes %s, which is not there: write that file, or remove the tag"
                            .formatted(name, file));
        }
    }

    private boolean requireKnown(Mail mail, String name, String place) {
        if (mail.variables().contains(name)) {
            return true;
        }
        problems.add(place
                + "{{%s}} is no variable of %s: write %s"
                        .formatted(name, mail.folder(), instead(mail.variables(), name)));
        return false;
    }

    /** The variable that was meant, where a few letters are wrong; else all of them. */
    private static String instead(Set<String> variables, String name) {
        return variables.stream()
                .filter(variable -> distance(variable, name) <= MAX_TYPOS)
                .min((a, b) -> Integer.compare(distance(a, name), distance(b, name)))
                .orElseGet(() -> "one of " + String.join(", ", variables));
    }

    /** How many letters have to be changed, added or left out (Levenshtein). */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, 1 + Math.min(above, row[j - 1]));
                diagonal = above;
            }
        }
        return row[b.length()];
    }

    private static long line(String text, int index) {
        return 1 + text.substring(0, index).chars().filter(c -> c == '\n').count();
    }
}

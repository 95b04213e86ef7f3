package routes.mail;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import routes.mail.Templates.Partial;

/**
 * Checks a template against the variables of its mail, so that misspelt or possibly missing variables are found at startup,
 * and not as a gap in a mail. A variable that may be missing must be in a section of its own name. Only what the engine
 * parses in the same way passes, and checking is linear in the text: campaigns write templates, too.
 */
final class TemplateCheck {

    private static final int MAX_PROBLEMS = 10;
    private static final int MAX_NAME = 60;

    /** The engine recurses once per level, and looks a variable up in each of them. */
    private static final int MAX_DEPTH = 32;

    private final Map<String, Partial> partials;
    private final Mail mail;
    private final Mail.Part part;
    private final String template;
    private final Set<String> problems = new LinkedHashSet<>();
    private final Deque<String> sections = new ArrayDeque<>();
    private final Deque<String> included = new ArrayDeque<>();
    private int charactersLeft;

    private TemplateCheck(Map<String, Partial> partials, Mail mail, Mail.Part part, String template) {
        this.partials = partials;
        this.mail = mail;
        this.part = part;
        this.template = template;
        this.charactersLeft = part.maxCharacters();
    }

    /**
     * The problems of a template and its partials, one sentence each, with file and line; empty if there are none.
     *
     * @param partials all partials of the template's language, by file name: nothing else can be included
     * @param file the template's name in messages
     */
    static Collection<String> problems(
            Map<String, Partial> partials, Mail mail, Mail.Part part, String file, String template) {
        TemplateCheck check = new TemplateCheck(partials, mail, part, file);
        check.check(file, template);
        return check.problems;
    }

    private void check(String file, String text) {
        charactersLeft -= text.length();
        if (charactersLeft < 0) {
            problems.add("%s: with its partials it is longer than %,d characters: shorten it"
                    .formatted(template, part.maxCharacters()));
            return;
        }
        long line = 1;
        int read = 0;
        for (int start = text.indexOf("{{");
                start >= 0 && charactersLeft >= 0 && problems.size() < MAX_PROBLEMS;
                start = text.indexOf("{{", read)) {
            line += lineBreaks(text, read, start);
            String place = "%s, line %d: ".formatted(file, line);
            int end = text.indexOf("}}", start + 2);
            if (end < 0) {
                problems.add(place + "a tag does not end: write }} after its name");
                return;
            }
            checkTag(text.substring(start + 2, end), place);
            line += lineBreaks(text, start, end);
            read = end + 2;
        }
    }

    private void checkTag(String tag, String place) {
        if (tag.startsWith("!")) {
            return; // a comment
        }
        if (tag.indexOf('{') > 0) {
            problems.add(place + "a tag begins within a tag: write }} after the first one's name");
            return;
        }
        String trimmed = tag.trim(); // like the engine
        char kind = trimmed.isEmpty() || Character.isLetterOrDigit(trimmed.charAt(0)) ? ' ' : trimmed.charAt(0);
        String name = shorten(kind == ' ' ? trimmed : trimmed.substring(1).trim());
        switch (kind) {
            case '!' -> {}
            case '=' -> problems.add(place + "delimiters cannot be changed: remove this tag");
            case '&', '{' -> problems.add(place + "values are always escaped: write {{%s}}".formatted(name));
            case '>' -> include(name, place);
            case '/' -> sections.poll();
            case '#', '^' -> {
                requireKnown(name, place);
                if (sections.size() == MAX_DEPTH) {
                    problems.add(place + "more than %d sections are nested: write fewer".formatted(MAX_DEPTH));
                }
                sections.push(kind + name);
            }
            case ' ' -> {
                if (requireKnown(name, place) && !mail.required().contains(name) && !sections.contains("#" + name)) {
                    problems.add(place
                            + "%s may be missing: write {{#%s}} before and {{/%s}} after what needs it"
                                    .formatted(name, name, name));
                }
            }
            default -> requireKnown(kind + name, place);
        }
    }

    private static String shorten(String name) {
        return name.length() <= MAX_NAME ? name : name.substring(0, MAX_NAME) + "...";
    }

    private static long lineBreaks(String text, int from, int to) {
        return text.substring(from, to).chars().filter(c -> c == '\n').count();
    }

    private void include(String name, String place) {
        if (included.contains(name)) {
            problems.add(place + "{{>%s}} includes itself: remove it".formatted(name));
            return;
        }
        String file = part.partial(name);
        Partial partial = partials.get(file);
        if (partial == null) {
            problems.add(place
                    + "{{>%s}} includes %s, which does not exist: add that file, or remove the tag"
                            .formatted(name, file));
            return;
        }
        included.push(name);
        List<String> around = List.copyOf(sections);
        check(partial.file(), partial.text());
        sections.clear();
        sections.addAll(around);
        included.pop();
    }

    private boolean requireKnown(String name, String place) {
        if (mail.variables().contains(name)) {
            return true;
        }
        problems.add(place
                + "{{%s}} is not a variable of %s: write one of %s"
                        .formatted(name, mail.folder(), String.join(", ", mail.variables())));
        return false;
    }
}

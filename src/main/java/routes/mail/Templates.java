package routes.mail;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.core.io.support.ResourcePatternUtils;
import org.springframework.stereotype.Component;
import org.springframework.util.ConcurrentLruCache;
import org.springframework.util.ResourceUtils;
import routes.delivery.DeliveryException;
import routes.settings.InvalidSettingException;
import routes.settings.OnRole;
import routes.settings.OwnFiles;
import routes.settings.Role;

/**
 * The templates of the mails: one folder per mail, with its subject, text and HTML, and partials next to the folders. A
 * campaign's own templates come first, then those in {@code mail.templates}, then the jar's. A mail in another language has a
 * folder within that of the mail, named by its tag, and always all parts; partials in a folder named by the tag replace those
 * without one. All are checked before they are used. Values are escaped in HTML, and never parsed as templates.
 */
@OnRole({Role.EMAIL, Role.REWARD})
@Component
class Templates {

    private static final String BUILT_IN = "classpath:mail/";
    private static final String BUILT_IN_LANGUAGE = "en";

    /** Stands for the templates that are not in a folder of a language. */
    private static final String DEFAULT = "";

    /** What ends a line, or a header, in a subject. */
    private static final Pattern BREAKS = Pattern.compile("[\\s\\p{Cntrl}\\u2028\\u2029]+");

    /** How many recently used templates of campaigns are kept compiled. */
    private static final int KEPT = 100;

    private final ResourcePatternResolver resources;
    private final String location;

    private final String locale;

    /** All partials, by language and file name: no name in a template becomes a path. */
    private final Map<String, Map<String, Partial>> partials = new HashMap<>();

    private final Map<String, Template> files = new HashMap<>();

    /** The languages of each mail that have a folder, and {@link #DEFAULT}. */
    private final Map<Mail, Set<String>> languages = new EnumMap<>(Mail.class);

    /** The mails of which a deployment has templates without a language, which are in that of the setting. */
    private final Set<Mail> ownDefaults = EnumSet.noneOf(Mail.class);

    private final ConcurrentLruCache<Own, Template> ofCampaigns = new ConcurrentLruCache<>(KEPT, this::compiled);

    /** A text to include, and the file that it is from. */
    record Partial(String file, String text) {}

    /** A key for a campaign's own template. */
    private record Own(Mail mail, String language, Mail.Part part, String text) {}

    /** A rendered mail, and the tag of its language. */
    record Written(String language, String subject, String text, String html) {}

    Templates(ResourceLoader resources, MailSettings settings) {
        this.resources = ResourcePatternUtils.getResourcePatternResolver(resources);
        String directoryOrUrl = settings.templates().endsWith("/") ? settings.templates() : settings.templates() + "/";
        this.location = ResourceUtils.isUrl(directoryOrUrl) ? directoryOrUrl : "file:" + directoryOrUrl;
        this.locale = settings.locale();
        for (Mail mail : Mail.values()) {
            languages.put(mail, new LinkedHashSet<>(Set.of(DEFAULT)));
        }
        requireOwnTemplates();
        // All at startup: a missing or invalid one should not wait for the first mail.
        Set<String> problems = new LinkedHashSet<>();
        try {
            readPartials(BUILT_IN, DEFAULT, problems);
            readPartials(location, DEFAULT, problems);
            for (String[] file : paths("*/*.mustache")) {
                if (Mail.of(file[0]).isEmpty()) {
                    readPartials(location, file[0], problems);
                }
            }
            for (String[] file : paths("*/*/*.mustache")) {
                Mail.of(file[0]).map(languages::get).ifPresent(some -> some.add(file[1]));
            }
            for (Map.Entry<Mail, Set<String>> mail : languages.entrySet()) {
                for (String language : mail.getValue()) {
                    readParts(mail.getKey(), language, problems);
                }
            }
        } catch (IOException e) {
            throw invalid("a file cannot be read: " + e.getMessage());
        }
        if (!problems.isEmpty()) {
            throw invalid(String.join("; ", problems));
        }
    }

    /** The names in the paths of own files, as many as the pattern has. */
    private List<String[]> paths(String pattern) throws IOException {
        int names = pattern.split("/", -1).length;
        List<String[]> paths = new ArrayList<>();
        for (Resource file : resources.getResources(location + pattern)) {
            String[] path = file.getURL().getPath().split("/", -1);
            String[] last = Arrays.copyOfRange(path, path.length - names, path.length);
            if (OwnFiles.isOwn(Path.of("", last))) {
                paths.add(last);
            }
        }
        return paths;
    }

    private void readPartials(String directory, String language, Set<String> problems) throws IOException {
        for (Resource partial : resources.getResources(directory + in(language) + "*.mustache")) {
            String name = Objects.requireNonNull(partial.getFilename());
            Partial read = new Partial(in(language) + name, partial.getContentAsString(StandardCharsets.UTF_8));
            compile(language, Mail.Part.TEXT, read.file(), read.text(), problems);
            partials.computeIfAbsent(language, first -> new HashMap<>()).put(name, read);
        }
    }

    private void readParts(Mail mail, String language, Set<String> problems) throws IOException {
        for (Mail.Part part : Mail.Part.values()) {
            String file = file(mail, language, part);
            Resource own = resources.getResource(location + file);
            Resource template = own.exists() ? own : resources.getResource(BUILT_IN + file);
            if (!template.exists()) {
                problems.add(file + " does not exist: add it, since all of a mail is in one language");
                continue;
            }
            String text = template.getContentAsString(StandardCharsets.UTF_8);
            problems.addAll(TemplateCheck.problems(including(language), mail, part, file, text));
            compile(language, part, file, text, problems).ifPresent(compiled -> files.put(file, compiled));
            if (language.equals(DEFAULT) && own.exists() && !location.equals(BUILT_IN)) {
                ownDefaults.add(mail);
            }
        }
    }

    private static String in(String language) {
        return language.isEmpty() ? "" : language + "/";
    }

    private static String file(Mail mail, String language, Mail.Part part) {
        return mail.folder() + "/" + in(language) + part.file();
    }

    /** What templates in a language may include: its partials, and of each other the one that it falls back to. */
    private Map<String, Partial> including(String language) {
        Map<String, Partial> all = new HashMap<>(partials.getOrDefault(DEFAULT, Map.of()));
        String tag = "";
        for (String subtag : language.split("-", -1)) {
            tag += (tag.isEmpty() ? "" : "-") + subtag;
            all.putAll(partials.getOrDefault(tag, Map.of()));
        }
        return all;
    }

    private InvalidSettingException invalid(String problem) {
        return new InvalidSettingException("mail.templates", "names %s, where %s".formatted(location, problem));
    }

    /** A file with another name would silently never be read. */
    private void requireOwnTemplates() {
        if (location.equals(BUILT_IN)) {
            return;
        }
        Resource directory = resources.getResource(location);
        if (!directory.isFile()) {
            return; // such as a class path location, which cannot be listed
        }
        List<String> mails = Arrays.stream(Mail.values()).map(Mail::folder).toList();
        List<String> parts =
                Arrays.stream(Mail.Part.values()).map(Mail.Part::file).toList();
        List<Path> found = list(directory);
        if (found.isEmpty()) {
            throw invalid("there are no templates: write the directory that holds them");
        }
        for (Path file : found) {
            List<String> folders = IntStream.range(0, file.getNameCount() - 1)
                    .mapToObj(i -> file.getName(i).toString())
                    .toList();
            boolean isOfMail = !folders.isEmpty() && mails.contains(folders.get(0));
            List<String> language = isOfMail ? folders.subList(1, folders.size()) : folders;
            if (language.size() > 1 || !language.stream().allMatch(Languages::isTag)) {
                String what = isOfMail ? "language" : "mail: write one of %s".formatted(String.join(", ", mails));
                throw invalid("%s is not a %s; a language is a tag, such as de-AT".formatted(file.getParent(), what));
            }
            if (isOfMail && !parts.contains(file.getFileName().toString())) {
                throw invalid("%s is not a part of a mail: write one of %s".formatted(file, String.join(", ", parts)));
            }
        }
    }

    private List<Path> list(Resource directory) {
        try {
            return OwnFiles.in(directory.getFilePath(), ".mustache");
        } catch (IOException e) {
            throw invalid("nothing can be read: write an existing directory");
        }
    }

    /** The tag of the language in which a mail is written to somebody who wants one; null for whoever wants none. */
    String language(Mail mail, @Nullable String wanted) {
        return tag(mail, folder(mail, wanted));
    }

    private String folder(Mail mail, @Nullable String wanted) {
        Set<String> folders = Objects.requireNonNull(languages.get(mail));
        // Each mail asks, and most have only the default.
        return folders.size() == 1
                ? DEFAULT
                : Languages.lookUp(folders, wanted, locale).orElse(DEFAULT);
    }

    private String tag(Mail mail, String folder) {
        return !folder.isEmpty() ? folder : ownDefaults.contains(mail) ? locale : BUILT_IN_LANGUAGE;
    }

    /**
     * Renders a mail.
     *
     * @param wanted the language ranges of the person or, if the campaign has templates, of these; null for none
     * @param ofCampaign the campaign's own templates of this mail; other parts come from the files
     * @throws DeliveryException.Permanent when a template of the campaign is invalid
     */
    Written write(
            Mail mail, @Nullable String wanted, Map<Mail.Part, String> ofCampaign, Map<String, Object> variables) {
        String language = folder(mail, wanted);
        return new Written(
                tag(mail, language),
                BREAKS.matcher(render(mail, language, Mail.Part.SUBJECT, ofCampaign, variables))
                        .replaceAll(" ")
                        .strip(),
                render(mail, language, Mail.Part.TEXT, ofCampaign, variables),
                render(mail, language, Mail.Part.HTML, ofCampaign, variables));
    }

    private String render(
            Mail mail,
            String language,
            Mail.Part part,
            Map<Mail.Part, String> ofCampaign,
            Map<String, Object> variables) {
        String own = ofCampaign.get(part);
        Template template = own == null
                ? Objects.requireNonNull(files.get(file(mail, language, part)))
                : ofCampaigns.get(new Own(mail, language, part, own));
        return template.execute(variables);
    }

    private Template compiled(Own own) {
        String file = file(own.mail(), DEFAULT, own.part());
        Set<String> problems = new LinkedHashSet<>(
                TemplateCheck.problems(including(own.language()), own.mail(), own.part(), file, own.text()));
        return (problems.isEmpty()
                        ? compile(own.language(), own.part(), file, own.text(), problems)
                        : Optional.<Template>empty())
                .orElseThrow(() ->
                        new DeliveryException.Permanent("the campaign's own template: " + String.join("; ", problems)));
    }

    private Optional<Template> compile(
            String language, Mail.Part part, String file, String text, Set<String> problems) {
        try {
            return Optional.of(Mustache.compiler()
                    .withEscaper(part.format().equals("html") ? Escapers.HTML : Escapers.NONE)
                    .withLoader(partial -> new StringReader(
                            Objects.requireNonNull(including(language).get(part.partial(partial)))
                                    .text()))
                    .emptyStringIsFalse(true)
                    .zeroIsFalse(true)
                    .compile(text));
        } catch (MustacheException e) {
            problems.add("%s is not a template: %s".formatted(file, e.getMessage()));
            return Optional.empty();
        }
    }
}

package routes.mail;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
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
import routes.settings.Role;

/**
 * The templates of the mails: one folder per mail, with its subject, text and HTML, and partials next to the folders. A
 * campaign's own templates come first, then those in {@code mail.templates}, then the jar's. All are checked before they are
 * used. Values are escaped in HTML, and never parsed as templates.
 */
@OnRole({Role.EMAIL, Role.REWARD})
@Component
class Templates {

    private static final String BUILT_IN = "classpath:mail/";

    /** How many recently used templates of campaigns are kept compiled. */
    private static final int KEPT = 100;

    private final ResourcePatternResolver resources;
    private final String location;

    /** All partials, by file name: no name in a template becomes a path. */
    private final Map<String, String> partials = new HashMap<>();

    private final Map<String, Template> files = new HashMap<>();
    private final ConcurrentLruCache<Own, Template> ofCampaigns = new ConcurrentLruCache<>(KEPT, this::compiled);

    /** A key for a campaign's own template. */
    private record Own(Mail mail, Mail.Part part, String text) {}

    /** A rendered mail. */
    record Written(String subject, String text, String html) {}

    Templates(ResourceLoader resources, MailSettings settings) {
        this.resources = ResourcePatternUtils.getResourcePatternResolver(resources);
        String directoryOrUrl = settings.templates().endsWith("/") ? settings.templates() : settings.templates() + "/";
        this.location = ResourceUtils.isUrl(directoryOrUrl) ? directoryOrUrl : "file:" + directoryOrUrl;
        requireOwnTemplates();
        // All at startup: a missing or invalid one should not wait for the first mail.
        Set<String> problems = new LinkedHashSet<>();
        String file = "";
        try {
            for (String directory : List.of(BUILT_IN, location)) {
                for (Resource partial : this.resources.getResources(directory + "*.mustache")) {
                    file = Objects.requireNonNull(partial.getFilename());
                    String text = partial.getContentAsString(StandardCharsets.UTF_8);
                    compile(Mail.Part.TEXT, text);
                    partials.put(file, text);
                }
            }
            for (Mail mail : Mail.values()) {
                for (Mail.Part part : Mail.Part.values()) {
                    file = file(mail, part);
                    String template = read(file);
                    problems.addAll(TemplateCheck.problems(partials, mail, part, file, template));
                    files.put(file, compile(part, template));
                }
            }
        } catch (IOException e) {
            throw invalid(file + " cannot be read: " + e.getMessage());
        } catch (MustacheException e) {
            throw invalid("%s is not a template: %s".formatted(file, e.getMessage()));
        }
        if (!problems.isEmpty()) {
            throw invalid(String.join("; ", problems));
        }
    }

    private static String file(Mail mail, Mail.Part part) {
        return mail.folder() + "/" + part.file();
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
            String folder = file.getNameCount() < 2
                    ? ""
                    : file.subpath(0, file.getNameCount() - 1).toString();
            if (!folder.isEmpty() && !mails.contains(folder)) {
                throw invalid("%s is not a mail: write one of %s".formatted(folder, String.join(", ", mails)));
            }
            if (!folder.isEmpty() && !parts.contains(file.getFileName().toString())) {
                throw invalid("%s is not a part of a mail: write one of %s".formatted(file, String.join(", ", parts)));
            }
        }
    }

    private List<Path> list(Resource directory) {
        try {
            Path root = directory.getFile().toPath();
            try (Stream<Path> all = Files.walk(root)) {
                return all.filter(file -> file.toString().endsWith(".mustache"))
                        .map(root::relativize)
                        .sorted()
                        .toList();
            }
        } catch (IOException e) {
            throw invalid("nothing can be read: write an existing directory");
        }
    }

    /**
     * Renders a mail.
     *
     * @param ofCampaign the campaign's own templates of this mail; other parts come from the files
     * @throws DeliveryException.Permanent when a template of the campaign is invalid
     */
    Written write(Mail mail, Map<Mail.Part, String> ofCampaign, Map<String, Object> variables) {
        return new Written(
                render(mail, Mail.Part.SUBJECT, ofCampaign, variables)
                        .replaceAll("[\\s\\p{Cntrl}\\u2028\\u2029]+", " ")
                        .strip(),
                render(mail, Mail.Part.TEXT, ofCampaign, variables),
                render(mail, Mail.Part.HTML, ofCampaign, variables));
    }

    private String render(Mail mail, Mail.Part part, Map<Mail.Part, String> ofCampaign, Map<String, Object> variables) {
        String own = ofCampaign.get(part);
        Template template = own == null
                ? Objects.requireNonNull(files.get(file(mail, part)))
                : ofCampaigns.get(new Own(mail, part, own));
        return template.execute(variables);
    }

    private Template compiled(Own own) {
        String file = file(own.mail(), own.part());
        Collection<String> problems = TemplateCheck.problems(partials, own.mail(), own.part(), file, own.text());
        if (!problems.isEmpty()) {
            throw new DeliveryException.Permanent("the campaign's own template: " + String.join("; ", problems));
        }
        try {
            return compile(own.part(), own.text());
        } catch (MustacheException e) {
            throw new DeliveryException.Permanent(
                    "the campaign's own template: %s is not a template: %s".formatted(file, e.getMessage()), null, e);
        }
    }

    private Template compile(Mail.Part part, String template) {
        return Mustache.compiler()
                .withEscaper(part.format().equals("html") ? Escapers.HTML : Escapers.NONE)
                .withLoader(partial -> new StringReader(
                        Objects.requireNonNull(partials.get("%s.%s.mustache".formatted(partial, part.format())))))
                .emptyStringIsFalse(true)
                .zeroIsFalse(true)
                .compile(template);
    }

    private String read(String file) throws IOException {
        Resource own = resources.getResource(location + file);
        return (own.exists() ? own : resources.getResource(BUILT_IN + file)).getContentAsString(StandardCharsets.UTF_8);
    }
}

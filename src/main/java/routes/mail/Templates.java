package routes.mail;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.io.ResourceLoader;
import org.springframework.stereotype.Component;

/**
 * The templates of the mails: a folder a mail, with its subject, its text and its HTML. Values are escaped in HTML, and
 * never read as templates themselves.
 */
@Component
class Templates {

    private final ResourceLoader resources;
    private final String location;
    private final Map<String, Template> compiled = new ConcurrentHashMap<>();

    Templates(ResourceLoader resources, MailSettings settings) {
        this.resources = resources;
        this.location = settings.templates();
    }

    /** The subject, on one line. */
    String subject(String mail, Map<String, Object> variables) {
        return render(mail + "/subject.mustache", "txt", variables)
                .replaceAll("\\s+", " ")
                .strip();
    }

    /** The text for readers without HTML. */
    String text(String mail, Map<String, Object> variables) {
        return render(mail + "/body.txt.mustache", "txt", variables);
    }

    /** The HTML. */
    String html(String mail, Map<String, Object> variables) {
        return render(mail + "/body.html.mustache", "html", variables);
    }

    private String render(String file, String format, Map<String, Object> variables) {
        return compiled.computeIfAbsent(file, name -> compile(name, format)).execute(variables);
    }

    private Template compile(String file, String format) {
        try (Reader reader = open(file)) {
            return Mustache.compiler()
                    .withEscaper(format.equals("html") ? Escapers.HTML : Escapers.NONE)
                    .withLoader(partial -> open("%s.%s.mustache".formatted(partial, format)))
                    .defaultValue("")
                    .emptyStringIsFalse(true)
                    .zeroIsFalse(true)
                    .compile(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The mail template %s%s cannot be read: see the setting mail.templates".formatted(location, file),
                    e);
        }
    }

    private Reader open(String file) throws IOException {
        return new InputStreamReader(resources.getResource(location + file).getInputStream(), StandardCharsets.UTF_8);
    }
}

package routes.mail;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.core.io.ResourceLoader;
import org.springframework.stereotype.Component;
import routes.settings.InvalidSettingException;

/**
 * The templates of the mails: a folder a mail, with its subject, its text and its HTML. Values are escaped in HTML, and
 * never read as templates themselves.
 */
@Component
class Templates {

    private static final List<String> MAILS = List.of(
            "user.signed_up",
            "user.verified",
            "referral.verified",
            "reward.earned",
            "campaign.milestone_reached",
            "reward.delivered");

    private final ResourceLoader resources;
    private final String location;
    private final Map<String, Template> compiled = new HashMap<>();

    Templates(ResourceLoader resources, MailSettings settings) {
        this.resources = resources;
        this.location = settings.templates();
        // All at the start: one that is missing or broken is no news to wait for until the first mail.
        for (String mail : MAILS) {
            compile(mail + "/subject.mustache", "txt");
            compile(mail + "/body.txt.mustache", "txt");
            compile(mail + "/body.html.mustache", "html");
        }
    }

    /** The subject, on one line. */
    String subject(String mail, Map<String, Object> variables) {
        return render(mail + "/subject.mustache", variables)
                .replaceAll("\\s+", " ")
                .strip();
    }

    /** The text for readers without HTML. */
    String text(String mail, Map<String, Object> variables) {
        return render(mail + "/body.txt.mustache", variables);
    }

    /** The HTML. */
    String html(String mail, Map<String, Object> variables) {
        return render(mail + "/body.html.mustache", variables);
    }

    private String render(String file, Map<String, Object> variables) {
        return Objects.requireNonNull(compiled.get(file), file).execute(variables);
    }

    private void compile(String file, String format) {
        try (Reader reader = open(file)) {
            Template template = Mustache.compiler()
                    .withEscaper(format.equals("html") ? Escapers.HTML : Escapers.NONE)
                    .withLoader(partial -> open("%s.%s.mustache".formatted(partial, format)))
                    .defaultValue("")
                    .emptyStringIsFalse(true)
                    .zeroIsFalse(true)
                    .compile(reader);
            compiled.put(file, template);
        } catch (IOException | MustacheException e) {
            throw new InvalidSettingException(
                    "mail.templates",
                    "names %s, where the template %s cannot be read: %s".formatted(location, file, e.getMessage()));
        }
    }

    private Reader open(String file) throws IOException {
        return new InputStreamReader(resources.getResource(location + file).getInputStream(), StandardCharsets.UTF_8);
    }
}

package routes.mail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.io.DefaultResourceLoader;
import routes.mail.Templates.Written;
import routes.settings.InvalidSettingException;

/** Every mail with demo data, as the templates are at this moment. */
public final class Previews {

    private final String location;

    /** Looks for templates where the service does (MAIL_TEMPLATES). */
    public Previews() {
        this(System.getProperty("mail.templates", System.getenv().getOrDefault("MAIL_TEMPLATES", "classpath:mail/")));
    }

    /** Looks for templates in a place of one's own. */
    public Previews(String location) {
        this.location = location;
    }

    /**
     * A mail with some data.
     *
     * @param id its name in a URL
     * @param about which mail it is, and whose
     */
    public record Preview(String id, String about, String subject, String text, String html) {}

    /** What stands for somebody in a preview. */
    private record Example(Mail mail, String about, Map<String, Object> variables) {}

    /**
     * All previews.
     *
     * @throws IllegalStateException when a template is wrong; the message says which, and what to write instead
     */
    public List<Preview> all() {
        Templates templates = templates();
        List<Preview> previews = new ArrayList<>();
        for (Example example : examples()) {
            Written written = templates.write(example.mail(), null, Map.of(), example.variables());
            String id = "%d-%s".formatted(previews.size() + 1, example.mail().folder());
            previews.add(new Preview(
                    id,
                    example.mail().folder() + ": " + example.about(),
                    written.subject(),
                    written.text(),
                    written.html()));
        }
        return previews;
    }

    /** One of them. */
    public Optional<Preview> find(String id) {
        return all().stream().filter(preview -> preview.id().equals(id)).findFirst();
    }

    private Templates templates() {
        Map<String, String> settings =
                Map.of("mail.host", "localhost", "mail.from", "hello@demo.example", "mail.templates", location);
        try {
            return new Templates(
                    new DefaultResourceLoader(),
                    new Binder(new MapConfigurationPropertySource(settings)).bindOrCreate("mail", MailSettings.class));
        } catch (InvalidSettingException e) {
            throw new IllegalStateException("MAIL_TEMPLATES " + e.getMessage(), e);
        }
    }

    private static List<Example> examples() {
        return List.of(
                new Example(Mail.WELCOME, "Ada", person("Ada", "Lovelace")),
                new Example(
                        Mail.WELCOME, "somebody of whom only the address is known", Map.of("email", "ada@example.com")),
                new Example(
                        Mail.WELCOME,
                        "a name that is long and tries something",
                        person("<b>Wolfeschlegelsteinhausenbergerdorff</b> {{email}}\r\nBcc: eve@example.com", "")),
                new Example(Mail.VERIFIED, "Ada", person("Ada", "Lovelace")),
                new Example(Mail.POSITION_UPDATE, "one friend", with(person("Ada", "Lovelace"), "old_position", 43)),
                new Example(
                        Mail.POSITION_UPDATE,
                        "three friends",
                        with(with(person("Ada", "Lovelace"), "old_position", 45), "friend_count", 3)),
                new Example(Mail.REWARD_EARNED, "a T-shirt", reward(person("Ada", "Lovelace"))),
                new Example(
                        Mail.REWARD,
                        "with a code",
                        with(reward(person("Ada", "Lovelace")), "reward_code", "EARLY-BIRD-2026")),
                new Example(Mail.REWARD, "without one", reward(person(null, null))),
                new Example(
                        Mail.MILESTONE,
                        "10,000 participants",
                        with(
                                with(person("Ada", "Lovelace"), "milestone", "10000_participants"),
                                "participant_count",
                                "10,000")));
    }

    private static Map<String, Object> person(@Nullable String firstName, @Nullable String lastName) {
        Map<String, Object> variables = new HashMap<>(new Person(
                        UUID.fromString("10000000-0000-4000-8000-000000000001"),
                        "ada@example.com",
                        firstName,
                        lastName,
                        "ADA4L",
                        3,
                        42,
                        "active",
                        false,
                        "Early Birds",
                        "early-birds",
                        null,
                        null,
                        null,
                        null)
                .variables());
        variables.put("referral_link", "https://demo.example/early-birds?ref=ADA4L");
        variables.put("unsubscribe_url", "https://demo.example/unsubscribe/10000000-0000-4000-8000-000000000001");
        return variables;
    }

    private static Map<String, Object> reward(Map<String, Object> person) {
        return with(
                with(person, "reward_name", "Founder T-shirt"), "reward_description", "Only for the first hundred.");
    }

    private static Map<String, Object> with(Map<String, Object> variables, String name, Object value) {
        Map<String, Object> more = new HashMap<>(variables);
        more.put(name, value);
        return more;
    }
}

package routes.console;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/** The pages of the management port as Mustache templates, in {@code pages/}. Every value is escaped. */
@Component
class PageTemplates {

    private static final List<String> PAGES = List.of(
            "overview",
            "deliveries",
            "deliveries-plan",
            "delivery",
            "event",
            "find",
            "dead-letters",
            "dead-letter",
            "rewards",
            "campaigns",
            "campaign",
            "progress",
            "announcement",
            "replay",
            "suppressions",
            "webhooks",
            "webhook",
            "groups",
            "history",
            "outbox",
            "outbox-row",
            "audit",
            "message");
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Map<String, Template> templates = new HashMap<>();

    PageTemplates() {
        Mustache.Compiler compiler = Mustache.compiler()
                .withEscaper(Escapers.HTML)
                .withFormatter(PageTemplates::format)
                .withLoader(name -> open(name + ".mustache"))
                .emptyStringIsFalse(true)
                .nullValue("");
        for (String page : PAGES) {
            try (Reader template = open(page + ".mustache")) {
                templates.put(page, compiler.compile(template));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A page as HTML. */
    String render(String page, Map<String, Object> model) {
        Template template = templates.get(page);
        if (template == null) {
            throw new IllegalArgumentException("There is no page " + page);
        }
        return template.execute(model);
    }

    /** The other files next to the templates. */
    static String read(String file) {
        try {
            return new ClassPathResource("pages/" + file).getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Reader open(String file) throws IOException {
        return new InputStreamReader(new ClassPathResource("pages/" + file).getInputStream(), StandardCharsets.UTF_8);
    }

    private static String format(Object value) {
        if (value instanceof Instant moment) {
            return MOMENT.format(moment);
        }
        if (value instanceof Double number) {
            return String.format(Locale.ROOT, "%,.1f", number);
        }
        return value instanceof Long number ? String.format(Locale.ROOT, "%,d", number) : String.valueOf(value);
    }
}

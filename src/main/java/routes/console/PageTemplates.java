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
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/** The pages of the management port as Mustache templates, in {@code pages/}. Every value is escaped. */
@Component
class PageTemplates {

    /** In UTC; times.js knows it by this form, and shows it in the zone of whoever looks. */
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Map<String, Template> templates = new ConcurrentHashMap<>();
    private final Mustache.Compiler compiler = Mustache.compiler()
            .withEscaper(Escapers.HTML)
            .withFormatter(PageTemplates::format)
            .withLoader(name -> open(name + ".mustache"))
            .emptyStringIsFalse(true)
            .nullValue("");

    /** A page as HTML. Templates are compiled when they are first asked for: no setting replaces them, and few starts need one. */
    String render(String page, Map<String, Object> model) {
        return templates.computeIfAbsent(page, this::compile).execute(model);
    }

    private Template compile(String page) {
        try (Reader template = open(page + ".mustache")) {
            return compiler.compile(template);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    /** Digits of long numbers are grouped. Where they may not be, as in attributes, a template asks for {@code number.toString}. */
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

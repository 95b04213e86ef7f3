package routes.mail;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.io.DefaultResourceLoader;
import routes.delivery.DeliveryException;

/** A template that a campaign has of its own. */
class TemplatesFuzzTest {

    private final Templates templates = new Templates(
            new DefaultResourceLoader(),
            new Binder(new MapConfigurationPropertySource(
                            Map.of("mail.host", "localhost", "mail.from", "a@example.com")))
                    .bindOrCreate("mail", MailSettings.class));
    private final Map<String, Object> variables = new HashMap<>();

    TemplatesFuzzTest() {
        Mail.WELCOME.required().forEach(name -> variables.put(name, name));
    }

    @FuzzTest
    void writesTheMailOrSaysWhatIsWrong(byte[] input) {
        String template = new String(input, UTF_8);
        for (Mail.Part part : Mail.Part.values()) {
            try {
                Templates.Written written = templates.write(Mail.WELCOME, null, Map.of(part, template), variables);
                assertThat(written.subject()).doesNotContain("\n", "\r");
            } catch (DeliveryException.Permanent e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}

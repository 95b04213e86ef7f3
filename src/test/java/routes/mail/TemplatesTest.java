package routes.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.DefaultResourceLoader;
import routes.settings.InvalidSettingException;

class TemplatesTest {

    private final Templates templates = templates("classpath:mail/");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user.signed_up",
                "user.verified",
                "referral.verified",
                "reward.earned",
                "campaign.milestone_reached",
                "reward.delivered"
            })
    void writesEachMailAlsoForAPersonOfWhomOnlyTheAddressIsKnown(String mail) {
        Map<String, Object> variables = Map.of("email", "ada@example.com");

        assertThat(templates.subject(mail, variables)).isNotBlank();
        assertThat(templates.text(mail, variables)).isNotBlank().doesNotContain("{{", "null", " ,");
        assertThat(templates.html(mail, variables)).contains("</html>").doesNotContain("{{", "null");
    }

    @Test
    void escapesInHtmlAndNotInText() {
        Map<String, Object> variables = Map.of("first_name", "<script>alert(1)</script>");

        assertThat(templates.html("user.signed_up", variables)).doesNotContain("<script>");
        assertThat(templates.text("user.signed_up", variables)).contains("<script>");
    }

    @Test
    void readsNoTemplateOutOfAName() {
        assertThat(templates.text("user.signed_up", Map.of("first_name", "{{email}}", "email", "ada@example.com")))
                .contains("{{email}}");
    }

    @Test
    void keepsASubjectOnOneLine() {
        assertThat(templates.subject("user.signed_up", Map.of("campaign_name", "Early\r\nBcc: x@example.com")))
                .isEqualTo("Welcome to Early Bcc: x@example.com");
    }

    @Test
    void saysAtOnceWhichTemplateIsMissing() {
        assertThatThrownBy(() -> templates("classpath:nowhere/"))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("user.signed_up/subject.mustache");
    }

    private static Templates templates(String location) {
        return new Templates(
                new DefaultResourceLoader(),
                new MailSettings(
                        "localhost",
                        25,
                        null,
                        null,
                        false,
                        Duration.ofSeconds(1),
                        null,
                        "a@example.com",
                        null,
                        location));
    }
}

package routes.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import routes.mail.UnsubscribeTokens.Subscription;

/** The links to unsubscribe in mails: what they hold, and which are refused. */
class UnsubscribeTokensTest {

    private static final String BASE = "https://waitlist.example.com";
    private static final String OLD = "an-old-secret-of-32-characters-xx";
    private static final String NEW = "a-new-secret-of-32-characters-xxx";
    private static final Subscription ADA =
            new Subscription(UUID.randomUUID(), UUID.randomUUID().toString(), "ada@example.com");

    private final UnsubscribeTokens tokens = tokens(BASE, OLD);

    @Test
    void aLinkLeadsToWhatItWasMadeFor() {
        assertThat(tokens.open(token(tokens, ADA))).contains(ADA);
    }

    @Test
    void aLinkShowsNoIdAndNoAddress() {
        String token = token(tokens, ADA);

        String decoded = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.ISO_8859_1);
        assertThat(decoded)
                .doesNotContain("ada", ADA.campaignId(), ADA.delivery().toString());
        assertThat(token).matches("[A-Za-z0-9_-]+");
    }

    @Test
    void noByteOfALinkCanBeChanged() {
        byte[] sealed = Base64.getUrlDecoder().decode(token(tokens, ADA));

        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThat(tokens.open(Base64.getUrlEncoder().encodeToString(changed)))
                    .isEmpty();
        }
    }

    @Test
    void aLinkWorksAsLongAsItsSecretIsKept() {
        String old = token(tokens, ADA);

        assertThat(tokens(BASE, NEW + "," + OLD).open(old)).contains(ADA);
        assertThat(tokens("", OLD).open(old)).as("without new links").contains(ADA);
        assertThat(tokens(BASE, NEW).open(old)).isEmpty();
        assertThat(tokens("", "").open(old)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "a",
                "%",
                "AAAA",
                "../events",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            })
    void anythingElseIsRefused(String token) {
        assertThat(tokens.open(token)).isEmpty();
        assertThat(tokens.open(token.repeat(2000))).isEmpty();
    }

    @Test
    void withoutAUrlThereIsNoLink() {
        assertThat(tokens("", OLD).url(ADA.delivery(), ADA.campaignId(), ADA.address()))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://waitlist.example.com", "https://waitlist.example.com/", "https://a@waitlist.example.com"
            })
    void aUrlThatCannotBeUsedStopsTheStart(String url) {
        new ApplicationContextRunner()
                .withUserConfiguration(Settings.class)
                .withPropertyValues(
                        "mail.host=localhost",
                        "mail.from=hello@example.com",
                        "mail.secrets=" + OLD,
                        "mail.unsubscribe-url=" + url)
                .run(context -> assertThat(context.getStartupFailure()).hasStackTraceContaining("https URL"));
    }

    @EnableConfigurationProperties(MailSettings.class)
    static class Settings {}

    private static String token(UnsubscribeTokens tokens, Subscription its) {
        String url = tokens.url(its.delivery(), its.campaignId(), its.address()).orElseThrow();
        assertThat(url).startsWith(BASE + "/unsubscribe/");
        return url.substring((BASE + "/unsubscribe/").length());
    }

    private static UnsubscribeTokens tokens(String url, String secrets) {
        MailSettings settings = new Binder(new MapConfigurationPropertySource(
                        Map.of("mail.unsubscribe-url", url, "mail.secrets", secrets)))
                .bindOrCreate("mail", MailSettings.class);
        return new UnsubscribeTokens(settings, new MailSecrets(settings));
    }
}

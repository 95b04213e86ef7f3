package routes.mail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.ArgumentCaptor;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.http.ResponseEntity;
import routes.event.Sha256;
import routes.mail.UnsubscribeTokens;
import routes.mail.UnsubscribeTokens.Subscription;
import routes.mail.report.MailReport.Kind;

/** What the link to unsubscribe does, and what it does not do. */
class UnsubscribeControllerTest {

    private static final Subscription ADA = new Subscription(UUID.randomUUID(), "campaign-1", "ada@example.com");

    private final UnsubscribeTokens tokens = mock(UnsubscribeTokens.class);
    private final MailReports reports = mock(MailReports.class);
    private UnsubscribeController controller;

    @BeforeEach
    void start() throws Exception {
        when(tokens.open(any())).thenReturn(Optional.empty());
        when(tokens.open("good")).thenReturn(Optional.of(ADA));
        when(reports.take(any())).thenReturn(true);
        controller = new UnsubscribeController(tokens, reports);
    }

    @Test
    void gettingShowsAButtonAndChangesNothing() {
        ResponseEntity<byte[]> page = controller.ask("good", null);

        assertThat(page.getStatusCode().value()).isEqualTo(200);
        assertThat(html(page)).contains("<form method=\"post\"><button>Unsubscribe</button></form>");
        verifyNoInteractions(reports);
    }

    @Test
    void postingUnsubscribesTheRecipientOfTheMailOnce() {
        assertThat(controller.unsubscribe("good", null).getStatusCode().value()).isEqualTo(200);
        assertThat(html(controller.unsubscribe("good", null))).contains("You are unsubscribed");

        ArgumentCaptor<MailReport> taken = ArgumentCaptor.captor();
        verify(reports, times(2)).take(taken.capture());
        MailReport first = taken.getAllValues().get(0);
        assertThat(first.kind()).isEqualTo(Kind.UNSUBSCRIBE);
        assertThat(first.delivery()).isEqualTo(ADA.delivery());
        assertThat(first.recipient()).as("whichever address is hers by now").isNull();
        assertThat(taken.getAllValues().get(1)).as("the same report").isEqualTo(first);
        verify(reports, times(2)).unsubscribe("campaign-1", "ada@example.com");
    }

    @Test
    void aLinkOfADeliveryThatWasPurgedWorks() {
        when(reports.take(any())).thenReturn(false);

        assertThat(controller.unsubscribe("good", null).getStatusCode().value()).isEqualTo(200);

        verify(reports).unsubscribe("campaign-1", "ada@example.com");
    }

    @Test
    void aForgedLinkLearnsNothing() {
        ResponseEntity<byte[]> asked = controller.ask("forged", null);
        ResponseEntity<byte[]> posted = controller.unsubscribe("forged", null);

        assertThat(asked.getStatusCode().value()).isEqualTo(404);
        assertThat(posted.getStatusCode().value()).isEqualTo(404);
        assertThat(html(posted))
                .isEqualTo(html(asked))
                .contains("does not work")
                .doesNotContain("<form");
        verifyNoInteractions(reports);
    }

    @Test
    void whileTheDatabaseIsDownItSaysSo() {
        when(reports.take(any())).thenThrow(new QueryTimeoutException("down"));

        ResponseEntity<byte[]> page = controller.unsubscribe("good", null);

        assertThat(page.getStatusCode().value()).isEqualTo(503);
        assertThat(html(page)).contains("not unsubscribed yet").doesNotContain("down");
    }

    @Test
    void forgedLinksDoNotUseUpTheRateOfOthers() {
        for (int i = 0; i < 1000; i++) {
            controller.unsubscribe("forged", null);
        }
        assertThat(controller.unsubscribe("good", null).getStatusCode().value()).isEqualTo(200);

        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            refused += controller.unsubscribe("good", null).getStatusCode().value() == 429 ? 1 : 0;
        }
        assertThat(refused).isPositive();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "de-AT, en;q=0.5                | de | Sie haben die E-Mails abbestellt",
                "ja, fr-CA;q=0.8, en;q=0.5      | fr | Vous êtes désabonné(e)",
                "en-GB                          | en | You are unsubscribed",
                "ja                             | en | You are unsubscribed",
                "*                              | en | You are unsubscribed",
                "../../application; <script>    | en | You are unsubscribed"
            })
    void thePageIsInALanguageThatTheBrowserAsksFor(String asked, String language, String title) {
        ResponseEntity<byte[]> page = controller.unsubscribe("good", asked);

        assertThat(page.getHeaders().getFirst("Content-Language")).isEqualTo(language);
        assertThat(html(page))
                .contains("<html lang=\"%s\">".formatted(language))
                .contains("<h1>%s</h1>".formatted(title));
    }

    @Test
    void eachLanguageSaysAllThatThePageSays() {
        for (String language : List.of("de", "en", "es", "fr", "it", "nl", "pl", "pt")) {
            assertThat(List.of(
                            html(controller.ask("good", language)),
                            html(controller.unsubscribe("good", language)),
                            html(controller.ask("forged", language))))
                    .allSatisfy(page -> assertThat(page)
                            .contains("<html lang=\"%s\">".formatted(language))
                            .doesNotContain("<h1></h1>", "<p></p>", "<button></button>", "<title></title>"));
        }
        when(reports.take(any())).thenThrow(new QueryTimeoutException("down"));
        assertThat(html(controller.unsubscribe("good", "pl"))).contains("<button>Spróbuj ponownie</button>");
    }

    @Test
    void aBrowserMayLoadNothingButThePagesOwnStyle() {
        ResponseEntity<byte[]> page = controller.ask("good", null);

        String style = html(page).replaceFirst("(?s).*<style>(.*)</style>.*", "$1");
        assertThat(page.getHeaders().getFirst("Content-Security-Policy"))
                .startsWith("default-src 'none'; style-src 'sha256-"
                        + Base64.getEncoder().encodeToString(Sha256.of(style)))
                .contains("frame-ancestors 'none'");
        assertThat(page.getHeaders().getFirst("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(page.getHeaders().getCacheControl()).isEqualTo("no-store");
        assertThat(html(page))
                .contains("prefers-color-scheme: dark")
                .doesNotContain("<script", "http:", "https:", "src=");
    }

    private static String html(ResponseEntity<byte[]> page) {
        return new String(Objects.requireNonNull(page.getBody()), StandardCharsets.UTF_8);
    }
}

package routes.mail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import com.standardwebhooks.Webhook;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.ArgumentCaptor;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.dev.Inbox;
import routes.dev.ReceivedMail;
import routes.event.EventData.UserSignedUp;
import routes.event.EventPublisher;
import routes.event.Events;
import routes.mail.report.MailReport.Kind;

/** The open endpoints about mails over HTTP: a real mail's link, a provider that signs, and hostile requests to both. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
@TestPropertySource(
        properties = {
            "mail.unsubscribe-url=https://waitlist.example.com/mail",
            "reports.generic-secrets=" + ReportsByWebhookIT.SECRET,
            "reports.postmark-passwords=a-password-of-postmark-that-is-long-enough"
        })
class ReportsByWebhookIT {

    static final String SECRET = "whsec_YS1rZXktb2YtdGhpcnR5LXR3by1ieXRlcy1leGFjdCE=";

    private static final Pattern LINK =
            Pattern.compile("https://waitlist\\.example\\.com/mail/unsubscribe/([A-Za-z0-9_-]+)");

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Inbox inbox;

    @MockitoBean
    private MailReports reports;

    private final HttpClient http = HttpClient.newHttpClient();
    private TestCampaign campaign;

    @BeforeEach
    void prepare() {
        when(reports.take(any())).thenReturn(true);
    }

    @Test
    void theLinkInAMailUnsubscribesItsRecipientWithOneClick() throws Exception {
        ReceivedMail mail = mail();
        Matcher link = LINK.matcher(mail.text());
        assertThat(link.find()).isTrue();
        assertThat(mail.html()).contains("href=\"" + link.group());
        assertThat(mail.headers())
                .contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
                .containsPattern("List-Unsubscribe:\\s+<" + Pattern.quote(link.group()) + ">");
        String path = "/unsubscribe/" + link.group(1);

        assertThat(send("GET", path, "").body()).contains("<button>Unsubscribe</button>");
        assertThat(send("HEAD", path, "").statusCode()).isEqualTo(200);
        assertThat(send("PUT", path, "").statusCode()).isEqualTo(405);
        verifyNoInteractions(reports);

        assertThat(send("POST", path, "List-Unsubscribe=One-Click").statusCode())
                .isEqualTo(200);
        assertThat(send("POST", path, "x".repeat(100_000)).statusCode()).isEqualTo(200);

        ArgumentCaptor<MailReport> taken = ArgumentCaptor.captor();
        verify(reports, times(2)).take(taken.capture());
        assertThat(taken.getAllValues().get(1)).isEqualTo(taken.getAllValues().get(0));
        assertThat(taken.getValue().kind()).isEqualTo(Kind.UNSUBSCRIBE);
        assertThat(mail.messageId()).startsWith("<" + taken.getValue().delivery() + "@");
        verify(reports, times(2)).unsubscribe(campaign.id().toString(), mail.to());
    }

    @Test
    void aMailTellsProvidersItsDelivery() throws Exception {
        ReceivedMail mail = mail();

        assertThat(mail.headers())
                .contains("X-PM-Metadata-delivery: " + mail.messageId().substring(1, 37))
                .doesNotContain("X-SMTPAPI");
    }

    @Test
    void theCampaignsOwnUrlComesFirst() throws Exception {
        jdbc.sql("UPDATE campaigns SET email_config = CAST(? AS jsonb) WHERE id = ?")
                .params("{\"unsubscribe_url\": \"https://app.example/bye\"}", campaign.id())
                .update();

        assertThat(mail().headers()).contains("<https://app.example/bye>").doesNotContain("waitlist.example.com");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/unsubscribe/AAAA",
                "/unsubscribe/..%2Fevents",
                "/unsubscribe/%00",
                "/unsubscribe/%7B%7Bask%7D%7D",
                "/unsubscribe/<script>",
                "/unsubscribe/",
                "/unsubscribe/a/b"
            })
    void aForgedLinkDoesNothing(String path) throws Exception {
        String escaped = path.replace("<", "%3C").replace(">", "%3E");
        for (String method : new String[] {"GET", "POST"}) {
            HttpResponse<String> answer = send(method, escaped, "");
            assertThat(answer.statusCode()).isIn(400, 404);
            assertThat(answer.body()).doesNotContain("script>", "Exception");
        }
        assertThat(send("POST", "/unsubscribe/" + "A".repeat(7000), "").statusCode())
                .isEqualTo(404);
        verifyNoInteractions(reports);
    }

    @Test
    void aSignedReportIsTakenAndAForgedOneIsNot() throws Exception {
        UUID delivery = UUID.randomUUID();
        String body =
                "{\"id\":\"r-1\",\"kind\":\"complaint\",\"message_id\":\"<%s@demo.example>\"}".formatted(delivery);

        assertThat(report(body, body).statusCode()).isEqualTo(200);

        ArgumentCaptor<MailReport> taken = ArgumentCaptor.captor();
        verify(reports).take(taken.capture());
        assertThat(taken.getValue().delivery()).isEqualTo(delivery);
        clearInvocations(reports);

        HttpResponse<String> forged = report(body, body.replace("r-1", "r-2"));
        assertThat(forged.statusCode()).isEqualTo(401);
        assertThat(forged.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(report("[[", "[[").statusCode()).isEqualTo(400);
        assertThat(report("{", "x".repeat(1_100_000)).statusCode()).isEqualTo(413);
        assertThat(send("POST", "/reports/generic", body).statusCode()).isEqualTo(401);
        assertThat(send("POST", "/reports/postmark", body).statusCode()).isEqualTo(401);
        assertThat(send("GET", "/reports/generic", "").statusCode()).isEqualTo(405);
        assertThat(send("POST", "/reports/ses", body).statusCode()).isEqualTo(404);
        assertThat(send("POST", "/reports/nobody", body).statusCode()).isEqualTo(404);
        verifyNoInteractions(reports);
    }

    /** A report that carries the signature of a body. */
    private HttpResponse<String> report(String signed, String body) throws Exception {
        long now = Instant.now().getEpochSecond();
        return http.send(
                request("/reports/generic")
                        .header("Content-Type", "application/json")
                        .header("webhook-id", "msg_1")
                        .header("webhook-timestamp", String.valueOf(now))
                        .header("webhook-signature", new Webhook(SECRET).sign("msg_1", now, signed))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return http.send(
                request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:%d%s".formatted(pipeline.port(), path)));
    }

    private ReceivedMail mail() throws Exception {
        publisher.publish(Events.of(
                new UserSignedUp(campaign.person().toString(), campaign.id().toString(), Events.email())));
        await().until(() -> inbox.list().size() == 1);
        return inbox.list().get(0);
    }
}

package routes.mail.report.hook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.clearInvocations;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.ArgumentCaptor;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.ErrorResponseException;
import routes.mail.ReportsSettings;
import routes.mail.report.MailReport;
import routes.mail.report.MailReport.Kind;
import routes.mail.report.MailReports;

/** Each provider as it posts, and those who pretend to be one. Nothing is fetched: what SNS would answer is written here. */
class ReportsControllerTest {

    private static final UUID DELIVERY = UUID.randomUUID();

    private final MailReports reports = mock(MailReports.class);
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final List<String> fetched = new ArrayList<>();
    private int snsAnswers = 200;
    private ReportsController controller;

    @BeforeEach
    void start() throws Exception {
        when(reports.take(any())).thenReturn(true);
        controller = controller(Providers.settings(1000));
    }

    private ReportsController controller(ReportsSettings settings) throws IOException {
        HttpClient sns = mock(HttpClient.class, call -> {
            HttpGet get = call.getArgument(0);
            fetched.add(get.getUri().toString());
            var response = new BasicClassicHttpResponse(snsAnswers);
            response.setEntity(new ByteArrayEntity(Providers.CERTIFICATE, ContentType.TEXT_PLAIN));
            return call.<HttpClientResponseHandler<?>>getArgument(1).handleResponse(response);
        });
        return new ReportsController(settings, reports, metrics, sns);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ses", "postmark", "sendgrid", "mailgun", "generic"})
    void aBounceIsTaken(String provider) {
        assertThat(post(provider, Providers.bounce(provider, DELIVERY))).isEqualTo(200);

        MailReport report = taken();
        assertThat(report.source()).isEqualTo(provider);
        assertThat(report.id()).isNotBlank();
        assertThat(report.kind()).isEqualTo(Kind.HARD_BOUNCE);
        assertThat(report.delivery()).isEqualTo(DELIVERY);
        assertThat(report.recipient()).isEqualTo("jane@example.com");
        assertThat(report.code()).isEqualTo(provider.equals("postmark") ? null : "5.1.1");
        assertThat(report.reason()).contains("user unknown");
        assertThat(counted(provider, "taken")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ses", "postmark", "sendgrid", "mailgun", "generic"})
    void aRepeatHasTheSameId(String provider) {
        Instant now = Instant.now();
        post(Providers.post(provider, Providers.bounce(provider, DELIVERY), now));
        MailReport first = taken();
        clearInvocations(reports);

        assertThat(post(Providers.post(provider, Providers.bounce(provider, DELIVERY), now)))
                .isEqualTo(200);

        assertThat(taken()).isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ses", "postmark", "sendgrid", "mailgun", "generic"})
    void whatIsNoReportIsIgnored(String provider) {
        assertThat(post(provider, Providers.delivered(provider, DELIVERY))).isEqualTo(200);

        verifyNoInteractions(reports);
        assertThat(counted(provider, "ignored")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ses", "postmark", "sendgrid", "mailgun", "generic"})
    void aMailOfSomebodyElseIsNoConcernOfOurs(String provider) {
        when(reports.take(any())).thenReturn(false);
        assertThat(post(provider, Providers.bounce(provider, DELIVERY))).isEqualTo(200);
        assertThat(counted(provider, "unknown")).isEqualTo(1);

        clearInvocations(reports);
        String foreign = Providers.bounce(provider, DELIVERY).replace(DELIVERY.toString(), "20130503192659.13651");
        assertThat(post(provider, foreign)).isEqualTo(200);
        verifyNoInteractions(reports);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ses", "postmark", "sendgrid", "mailgun", "generic"})
    void whatWasChangedOnTheWayIsRefused(String provider) {
        MockHttpServletRequest request = Providers.post(provider, Providers.bounce(provider, DELIVERY), Instant.now());
        MockHttpServletRequest changed = copy(
                request,
                new String(bytes(request), UTF_8)
                        .replace("\"token-", "\"tokens-")
                        .replace("jane@example.com", "jack@example.com"));
        if (provider.equals("postmark")) {
            changed = new MockHttpServletRequest("POST", "/reports/postmark");
            changed.setContent(bytes(request));
            changed.addHeader("Authorization", "Basic cmVwb3J0czp3cm9uZw==");
        }

        assertThat(post(changed)).isEqualTo(401);

        verifyNoInteractions(reports);
        assertThat(counted(provider, "forged")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "ses, 4000",
        "ses, -310",
        "sendgrid, 310",
        "sendgrid, -310",
        "mailgun, 310",
        "mailgun, -310",
        "generic, 310",
        "generic, -310"
    })
    void whatWasSignedAtAnotherTimeIsRefused(String provider, long seconds) {
        Instant signed = Instant.now().minusSeconds(seconds);

        assertThat(post(Providers.post(provider, Providers.bounce(provider, DELIVERY), signed)))
                .isEqualTo(401);
        verifyNoInteractions(reports);
    }

    @Test
    void snsRepeatsForAnHourWithTheFirstTimestamp() {
        Instant first = Instant.now().minus(Duration.ofMinutes(59));

        assertThat(post(Providers.post("ses", Providers.bounce("ses", DELIVERY), first)))
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ses", "postmark", "sendgrid", "mailgun", "generic"})
    void withoutASignatureOrWithAnotherKeyItIsRefused(String provider) {
        MockHttpServletRequest bare = new MockHttpServletRequest("POST", "/reports/" + provider);
        bare.setContent(Providers.bounce(provider, DELIVERY).getBytes(UTF_8));

        assertThat(post(bare)).isEqualTo(401);
        verifyNoInteractions(reports);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ses", "postmark", "sendgrid", "mailgun", "generic", "nobody", "../events"})
    void aProviderThatIsNotSetUpIsNotThere(String provider) throws Exception {
        controller = controller(new ReportsSettings(List.of(), List.of(), List.of(), List.of(), List.of(), 1));
        MockHttpServletRequest request = mock(MockHttpServletRequest.class);

        assertThat(status(provider, request)).isEqualTo(404);
        verifyNoInteractions(request);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ses", "postmark", "sendgrid", "mailgun", "generic"})
    void aBodyThatIsTooLongIsNotRead(String provider) {
        MockHttpServletRequest huge = new MockHttpServletRequest("POST", "/reports/" + provider);
        huge.setContent(new byte[1024 * 1024 + 1]);

        assertThat(post(huge)).isEqualTo(413);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ses", "postmark", "sendgrid", "mailgun", "generic"})
    void whatIsSignedAndMalformedIsSaidToBeSo(String provider) {
        assertThat(post(provider, "{\"id\": ")).isEqualTo(400);
        assertThat(post(
                        provider,
                        Providers.bounce(provider, DELIVERY)
                                .replaceAll("\"(f-1|e-1|g-1|r-1)\"|4323372036854775807", '"' + "x".repeat(201) + '"')))
                .isEqualTo(400);

        verifyNoInteractions(reports);
        assertThat(counted(provider, "malformed")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ses", "postmark", "sendgrid", "mailgun", "generic"})
    void whileTheDatabaseIsDownTheProviderIsAskedToRepeat(String provider) {
        when(reports.take(any())).thenThrow(new QueryTimeoutException("down"));

        assertThat(post(provider, Providers.bounce(provider, DELIVERY))).isEqualTo(503);
        assertThat(counted(provider, "failed")).isEqualTo(1);
    }

    @Test
    void aRateIsNotExceeded() throws Exception {
        controller = controller(Providers.settings(1));
        post("generic", Providers.bounce("generic", DELIVERY));

        assertThat(post("generic", Providers.bounce("generic", DELIVERY))).isEqualTo(429);
    }

    @Test
    void aTokenOfMailgunIsGoodForOneBody() {
        MockHttpServletRequest request =
                Providers.post("mailgun", Providers.bounce("mailgun", DELIVERY), Instant.now());
        String other = new String(bytes(request), UTF_8)
                .replace(DELIVERY.toString(), UUID.randomUUID().toString());

        assertThat(post(request)).isEqualTo(200);
        assertThat(post(copy(request, other))).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "ses, SOFT_BOUNCE, Permanent, Transient",
        "ses, SOFT_BOUNCE, 5.1.1, 5.7.1",
        "postmark, SOFT_BOUNCE, HardBounce, SoftBounce",
        "postmark, COMPLAINT, HardBounce, SpamComplaint",
        "sendgrid, SOFT_BOUNCE, '\"type\":\"bounce\"', '\"type\":\"blocked\"'",
        "sendgrid, SOFT_BOUNCE, 5.1.1, 5.2.2",
        "sendgrid, COMPLAINT, '\"bounce\",\"type\":\"bounce\"', '\"spamreport\"'",
        "sendgrid, UNSUBSCRIBE, '\"bounce\",\"type\":\"bounce\"', '\"group_unsubscribe\"'",
        "mailgun, SOFT_BOUNCE, '\"bounce\"', '\"old\"'",
        "mailgun, SOFT_BOUNCE, 5.1.1, 5.7.26",
        "mailgun, COMPLAINT, '\"failed\",\"severity\":\"permanent\",\"reason\":\"bounce\"', '\"complained\"'",
        "mailgun, UNSUBSCRIBE, '\"failed\",\"severity\":\"permanent\",\"reason\":\"bounce\"', '\"unsubscribed\"'",
        "generic, SOFT_BOUNCE, hard_bounce, soft_bounce",
        "generic, COMPLAINT, hard_bounce, complaint",
        "generic, UNSUBSCRIBE, hard_bounce, unsubscribe"
    })
    void whatHappenedIsWhatTheProviderSays(String provider, Kind kind, String instead, String of) {
        assertThat(post(provider, Providers.bounce(provider, DELIVERY).replace(instead, of)))
                .isEqualTo(200);

        assertThat(taken().kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({
        "ses, '\"action\":\"failed\",\"status\":\"5.1.1\",', ''",
        "ses, '\"failed\"', '\"delayed\"'",
        "postmark, HardBounce, AutoResponder",
        "postmark, HardBounce, Transient",
        "postmark, HardBounce, ChallengeVerification",
        "sendgrid, '\"bounce\",\"type\":\"bounce\"', '\"deferred\"'",
        "mailgun, permanent, temporary"
    })
    void autoRepliesAndDelaysDoNotCount(String provider, String instead, String of) {
        String payload = Providers.bounce(provider, DELIVERY)
                .replace(instead, of)
                .replace("\"bounceType\":\"Permanent\"", "\"bounceType\":\"Transient\"");

        assertThat(post(provider, payload)).isEqualTo(200);

        verifyNoInteractions(reports);
    }

    @Test
    void complaintsOfSesAreTaken() {
        String payload = """
                {"eventType":"Complaint","complaint":{"feedbackId":"f-2","complaintFeedbackType":"abuse",
                 "complainedRecipients":[{"emailAddress":"jane@example.com"}]},
                 "mail":{"commonHeaders":{"messageId":"<%s@demo.example>"}}}""".formatted(DELIVERY);

        assertThat(post("ses", payload)).isEqualTo(200);
        assertThat(taken().kind()).isEqualTo(Kind.COMPLAINT);

        clearInvocations(reports);
        assertThat(post("ses", payload.replace("abuse", "not-spam"))).isEqualTo(200);
        verifyNoInteractions(reports);
    }

    /** Event publishing, by a configuration set: unlike notifications, it has the id that SES gave the mail where ours is expected. */
    @ParameterizedTest
    @ValueSource(strings = {"Message-ID", "message-id"})
    void anEventOfSesIsAboutTheMailWithTheMessageIdInItsHeader(String name) {
        String payload = """
                {"eventType":"Bounce","bounce":{"feedbackId":"f-3","bounceType":"Permanent","bounceSubType":"General",
                 "bouncedRecipients":[{"emailAddress":"jane@example.com","action":"failed","status":"5.1.1"}]},
                 "mail":{"messageId":"0100018f00000000-11111111-2222-4333-8444-555555555555-000000",
                  "headersTruncated":false,
                  "headers":[{"name":"Received","value":"from demo.example"},{"name":"%s","value":"<%s@demo.example>"}],
                  "commonHeaders":{"messageId":"0100018f00000000-11111111-2222-4333-8444-555555555555-000000"}}}""".formatted(name, DELIVERY);

        assertThat(post("ses", payload)).isEqualTo(200);
        assertThat(taken().delivery()).isEqualTo(DELIVERY);
        assertThat(taken().kind()).isEqualTo(Kind.HARD_BOUNCE);
    }

    @Test
    void aSubscriptionOfPostmarkEndsWhenItsRecipientEndsIt() {
        String payload = """
                {"RecordType":"SubscriptionChange","MessageID":"00000000-0000-4000-8000-000000000000","Recipient":"jane@example.com",
                 "Origin":"Recipient","SuppressSending":true,"SuppressionReason":"ManualSuppression",
                 "ChangedAt":"2026-11-05T16:33:54Z","Metadata":{"delivery":"%s"}}""".formatted(DELIVERY);

        assertThat(post("postmark", payload)).isEqualTo(200);
        assertThat(taken().kind()).isEqualTo(Kind.UNSUBSCRIBE);

        clearInvocations(reports);
        assertThat(post("postmark", payload.replace("\"Recipient\",", "\"Customer\",")))
                .isEqualTo(200);
        assertThat(post(
                        "postmark",
                        payload.replace(
                                "true,\"SuppressionReason\":\"ManualSuppression\"",
                                "false,\"SuppressionReason\":null")))
                .isEqualTo(200);
        verifyNoInteractions(reports);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "2"})
    void bothVersionsOfSnssSignatureAreGoodAndACertificateIsFetchedOnce(String version) {
        for (int i = 0; i < 3; i++) {
            assertThat(sns("Notification", Map.of("SignatureVersion", version, "Subject", "Amazon SES")))
                    .isEqualTo(200);
        }

        assertThat(fetched).containsExactly(Providers.CERTIFICATE_URL);
    }

    @Test
    void aSubscriptionIsConfirmed() {
        assertThat(sns("SubscriptionConfirmation", Map.of())).isEqualTo(200);

        assertThat(fetched).containsExactly(Providers.CERTIFICATE_URL, Providers.CONFIRMATION_URL);
        verifyNoInteractions(reports);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:sns:eu-west-1:999999999999:ses-reports",
                "arn:aws:sns:eu-west-2:123456789012:ses-reports",
                ""
            })
    void anotherTopicIsRefusedBeforeAnythingIsFetched(String topic) {
        assertThat(sns("Notification", Map.of("TopicArn", topic))).isEqualTo(401);

        assertThat(fetched).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
                "https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
                "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem",
                "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-0123456789abcdef.pem",
                "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-0123456789abcdef.pem",
                "https://sns.eu-west-1.amazonaws.com.cn/SimpleNotificationService-0123456789abcdef.pem",
                "https://evil.example/SimpleNotificationService-0123456789abcdef.pem",
                "https://127.0.0.1/SimpleNotificationService-0123456789abcdef.pem",
                "https://sns.eu-west-1.amazonaws.com/../SimpleNotificationService-0123456789abcdef.pem",
                "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1",
                "file:///etc/passwd",
                ""
            })
    void nothingIsFetchedFromElsewhere(String url) {
        assertThat(sns("Notification", Map.of("SigningCertURL", url))).isEqualTo(401);
        assertThat(fetched).isEmpty();

        assertThat(sns("SubscriptionConfirmation", Map.of("SubscribeURL", url))).isIn(200, 401);
        assertThat(fetched).allMatch(one -> one.startsWith(Providers.SNS + "/"));
    }

    @Test
    void whileSnsDoesNotAnswerItIsAskedToRepeat() {
        snsAnswers = 500;

        assertThat(sns("Notification", Map.of())).isEqualTo(503);
        assertThat(counted("ses", "failed")).isEqualTo(1);

        snsAnswers = 200;
        assertThat(sns("Notification", Map.of())).isEqualTo(200);
    }

    @Test
    void forgedMessagesCauseFewFetches() {
        for (int i = 0; i < 50; i++) {
            String url = "%s/SimpleNotificationService-%032x.pem".formatted(Providers.SNS, i);
            sns("Notification", Map.of("SigningCertURL", url, "Signature", "AAAA"));
        }

        assertThat(fetched).hasSizeLessThan(20);
    }

    private int sns(String type, Map<String, String> different) {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/reports/ses");
        request.setContentType("text/plain; charset=UTF-8");
        request.setContent(Providers.sns(type, Providers.bounce("ses", DELIVERY), Instant.now(), different)
                .getBytes(UTF_8));
        return post(request);
    }

    private int post(String provider, String payload) {
        return post(Providers.post(provider, payload, Instant.now()));
    }

    private int post(MockHttpServletRequest request) {
        return status(String.valueOf(request.getRequestURI()).replace("/reports/", ""), request);
    }

    private int status(String provider, MockHttpServletRequest request) {
        try {
            controller.report(provider, request);
            return 200;
        } catch (ErrorResponseException e) {
            assertThat(e.getBody().getDetail()).isNotBlank();
            return e.getStatusCode().value();
        }
    }

    private MailReport taken() {
        ArgumentCaptor<MailReport> taken = ArgumentCaptor.captor();
        verify(reports).take(taken.capture());
        return taken.getValue();
    }

    private double counted(String provider, String outcome) {
        return metrics.counter("domain.events.reports.received", "provider", provider, "outcome", outcome)
                .count();
    }

    private static MockHttpServletRequest copy(MockHttpServletRequest request, String body) {
        MockHttpServletRequest copy = new MockHttpServletRequest(request.getMethod(), request.getRequestURI());
        request.getHeaderNames()
                .asIterator()
                .forEachRemaining(name -> copy.addHeader(name, String.valueOf(request.getHeader(name))));
        copy.setContent(body.getBytes(UTF_8));
        return copy;
    }

    private static byte[] bytes(MockHttpServletRequest request) {
        byte[] content = request.getContentAsByteArray();
        return content == null ? new byte[0] : content;
    }
}

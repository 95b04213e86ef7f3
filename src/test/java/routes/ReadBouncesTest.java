package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.after;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;

import com.icegreen.greenmail.store.StoredMessage;
import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.mail.Flags;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Endpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.ArgumentCaptor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.QueryTimeoutException;
import routes.delivery.DeliveryLedger;
import routes.delivery.Dependencies;
import routes.dev.Ports;
import routes.kafka.BatchTime;
import routes.mail.BounceSettings;
import routes.mail.report.MailReport;
import routes.mail.report.MailReports;
import routes.mail.report.ReadMails;
import routes.mail.report.ReportFixtures;

/** The route on a real server. */
@ExtendWith(OutputCaptureExtension.class)
class ReadBouncesTest {

    private static final String PASSWORD = "not-to-be-shown";
    private static final String BOUNCE = "dsn-postfix-user-unknown";
    private static final String LETTER = "person-writes-about-a-bounce";
    private static final String VACATION = "auto-vacation-rfc3834";
    private static final String FAILS = "the bounce mailbox fails and keeps retrying";
    private static final String RECOVERED = "the bounce mailbox has recovered";

    private final MailReports reports = mock(MailReports.class);
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final MeterRegistry metrics = new SimpleMeterRegistry();
    private final Ports ports = new Ports();
    private final int imap = ports.any();
    private final int pop3 = ports.any();
    private GreenMail server;
    private GreenMailUser user;

    @BeforeEach
    void start() {
        server = new GreenMail(new ServerSetup[] {
            new ServerSetup(imap, "127.0.0.1", "imap"), new ServerSetup(pop3, "127.0.0.1", "pop3")
        });
        server.start();
        user = server.setUser("bounces@bounce.example.com", "bounces", PASSWORD);
        given(reports.take(any())).willReturn(true);
    }

    @AfterEach
    void stop() {
        camel.stop();
        server.stop();
    }

    @Test
    void aReportIsReadOnceAndMarkedAsRead() throws Exception {
        deliver(BOUNCE);

        read("imap", false);

        verify(reports, timeout(60_000)).take(any());
        await().untilAsserted(() -> assertThat(inbox()).hasSize(1).allMatch(mail -> mail.isSet(Flags.Flag.SEEN)));
        assertThat(inbox()).noneMatch(mail -> mail.isSet(Flags.Flag.FLAGGED));
        verify(reports, after(500)).take(any());
    }

    @Test
    void aMailThatComesTwiceIsTheSameReport() throws Exception {
        deliver(BOUNCE);
        deliver(BOUNCE);

        read("imap", true);

        ArgumentCaptor<MailReport> taken = ArgumentCaptor.forClass(MailReport.class);
        verify(reports, timeout(60_000).times(2)).take(taken.capture());
        assertThat(taken.getAllValues().get(0)).isEqualTo(taken.getAllValues().get(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"imap", "pop3"})
    void whatIsUnderstoodIsDeletedIfTheSettingSaysSoAndALetterIsKept(String protocol) throws Exception {
        deliver(LETTER);
        deliver(BOUNCE);
        deliver(VACATION);

        read(protocol, true);

        await().untilAsserted(() -> assertThat(inbox()).hasSize(1));
        assertThat(inbox().get(0).getMimeMessage().getSubject()).isEqualTo("Re: Welcome to Early Birds");
        await().during(Duration.ofMillis(500))
                .untilAsserted(() -> verify(reports).count("mailbox", "not_understood"));
        verify(reports).count("mailbox", "auto_reply");
        assertThat(inbox()).hasSize(1);
    }

    @Test
    void aLetterIsFlaggedSoThatPeopleFindIt() throws Exception {
        deliver(LETTER);

        read("imap", false);

        await().untilAsserted(() -> assertThat(inbox()).hasSize(1).allMatch(mail -> mail.isSet(Flags.Flag.FLAGGED)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"imap", "pop3"})
    void whileTheDatabaseDoesNotAnswerAReportWaitsInTheMailbox(String protocol) throws Exception {
        given(reports.take(any()))
                .willThrow(new QueryTimeoutException("down"))
                .willThrow(new QueryTimeoutException("still down"))
                .willReturn(true);
        deliver(BOUNCE);

        read(protocol, true);

        verify(reports, timeout(60_000).times(3)).take(any());
        await().untilAsserted(() -> assertThat(inbox()).isEmpty());
    }

    @Test
    void aMailboxThatIsDownIsReadOnceItIsUp() throws Exception {
        server.stop();
        read("imap", false);
        assertThat(camel.isStarted()).isTrue();
        await().until(() -> up() == 0);

        server.start();
        user = server.setUser("bounces@bounce.example.com", "bounces", PASSWORD);
        deliver(BOUNCE);

        verify(reports, timeout(60_000)).take(any());
    }

    @Test
    void mailsThatWereListedWhenTheConnectionBrokeAreRead() throws Exception {
        deliver(BOUNCE);
        deliver(LETTER);
        AtomicBoolean broken = new AtomicBoolean();

        try (ImapProxy proxy = new ImapProxy(
                imap, line -> line.startsWith("* 2 FETCH") && broken.compareAndSet(false, true) ? null : line)) {
            read("imap", proxy.port(), false);

            verify(reports, timeout(60_000)).take(any());
        }
        assertThat(broken).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"SELECT,NO", "SEARCH,BAD"})
    void whatTheServerRefusesAfterTheLoginIsToldOnceAndSoIsItsEnd(String command, String answer, CapturedOutput output)
            throws Exception {
        deliver(BOUNCE);
        AtomicBoolean refuses = new AtomicBoolean(true);

        try (ImapProxy proxy = new ImapProxy(
                imap,
                line -> refuses.get() && line.contains(command + " completed")
                        ? line.replaceFirst(" .*", " %s not allowed".formatted(answer))
                        : line)) {
            read("imap", proxy.port(), false);
            await().untilAsserted(() -> assertThat(output).contains(FAILS));
            await().during(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThat(output.getOut()).containsOnlyOnce(FAILS));
            assertThat(output).contains("not allowed").doesNotContain(RECOVERED);
            assertThat(up()).isZero();

            refuses.set(false);
            verify(reports, timeout(60_000)).take(any());
            await().untilAsserted(() -> assertThat(output.getOut()).containsOnlyOnce(RECOVERED));
            assertThat(up()).isEqualTo(1);
        }
    }

    @Test
    void aMailboxThatMayOnlyBeReadIsReadOnce(CapturedOutput output) throws Exception {
        deliver(BOUNCE);
        deliver(LETTER);

        try (ImapProxy proxy = new ImapProxy(imap, line -> line.replace("[READ-WRITE]", "[READ-ONLY]"))) {
            read("imap", proxy.port(), true);

            verify(reports, timeout(60_000)).take(any());
            verify(reports, timeout(60_000)).count("mailbox", "not_understood");
            verify(reports, after(500)).take(any());
            verify(reports).count("mailbox", "not_understood");
        }
        assertThat(inbox()).hasSize(2).noneMatch(mail -> mail.isSet(Flags.Flag.SEEN) || mail.isSet(Flags.Flag.FLAGGED));
        assertThat(output).doesNotContain(FAILS, "onCompletion");
    }

    @Test
    void theLoginIsInNoUri() throws Exception {
        read("imap", false);

        assertThat(camel.getEndpoints())
                .extracting(Endpoint::getEndpointUri)
                .isNotEmpty()
                .noneMatch(uri -> uri.contains(PASSWORD) || uri.contains("username"));
    }

    @Test
    void withoutAHostThereIsNoRoute() throws Exception {
        camel.addRoutes(new ReadBounces(
                ReportFixtures.mailbox(reports), ReportFixtures.nothingRead(), settings(null, 993, "imaps", false)));

        assertThat(camel.getRouteDefinitions()).isEmpty();
    }

    private void read(String protocol, boolean delete) throws Exception {
        read(protocol, protocol.equals("imap") ? imap : pop3, delete);
    }

    @SuppressWarnings("unchecked")
    private void read(String protocol, int port, boolean delete) throws Exception {
        BounceSettings settings = settings("127.0.0.1", port, protocol, delete);
        Properties properties = new Properties();
        properties.put("bounces.host", "127.0.0.1");
        properties.put("bounces.port", String.valueOf(port));
        properties.put("bounces.folder", "INBOX");
        properties.put("bounces.interval", "100ms&initialDelay=1"); // the first at once, and not after a second
        properties.put("bounces.starttls", "false");
        camel.getPropertiesComponent().setInitialProperties(properties);
        ReadMails read = ReportFixtures.nothingRead();
        ReportFixtures.bind(camel.getRegistry(), read, settings, metrics);
        camel.addRoutesConfigurations(
                new SharedPolicy(mock(BatchTime.class), mock(DeliveryLedger.class), (ObjectProvider<Dependencies>)
                        mock(ObjectProvider.class)));
        camel.addRoutes(new ReadBounces(ReportFixtures.mailbox(reports), read, settings));
        camel.start();
    }

    private static BounceSettings settings(@Nullable String host, int port, String protocol, boolean delete) {
        return new BounceSettings(
                host, port, protocol, false, "bounces", PASSWORD, "INBOX", Duration.ofSeconds(1), delete, null);
    }

    private double up() {
        return metrics.get("domain.events.dependency.up")
                .tag("dependency", "bounce-mailbox")
                .gauge()
                .value();
    }

    private void deliver(String report) throws Exception {
        byte[] source = Files.readAllBytes(Path.of("src/test/resources/reports", report + ".eml"));
        user.deliver(new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(source)));
    }

    private List<StoredMessage> inbox() throws Exception {
        return server.getManagers().getImapHostManager().getInbox(user).getMessages();
    }
}

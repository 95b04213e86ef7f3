package routes.mail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faults.ScriptedSmtpServer;
import faults.ScriptedSmtpServer.Step;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import routes.dev.Ports;
import routes.mail.VerpFixtures;

/**
 * The reports of a real Postfix between two servers on this machine. Not a part of the build: it needs root, and the unpacked package.
 *
 * <pre>{@code
 * apt-get download postfix && dpkg -x postfix_*.deb /tmp/postfix
 * ./mvnw test -Dtest=PostfixReportsTest -Dpostfix.root=/tmp/postfix
 * }</pre>
 */
@EnabledIfSystemProperty(named = "postfix.root", matches = ".+")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostfixReportsTest {

    private static final String MASTER = """
            127.0.0.1:%d inet n - n - - smtpd
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 1 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            smtp unix - - n - - smtp
            error unix - - n - - error
            retry unix - - n - - error
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            tlsmgr unix - - n 300 1 tlsmgr
            proxymap unix - - n - - proxymap
            postlog unix-dgram n - n - 1 postlogd
            """;

    private static final String MAIN = """
            compatibility_level = 3.6
            queue_directory = %1$s/spool
            data_directory = %1$s/data
            command_directory = %2$s/usr/sbin
            daemon_directory = %2$s/usr/lib/postfix/sbin
            shlib_directory = %2$s/usr/lib/postfix
            mail_owner = uucp
            setgid_group = news
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            myhostname = relay.example.com
            mydestination =
            smtpd_relay_restrictions = permit_mynetworks, reject
            smtp_dns_support_level = disabled
            alias_maps =
            transport_maps = inline:{ {example.net = smtp:[127.0.0.1]:%3$d}, {bounce.example.com = smtp:[127.0.0.1]:%4$d} }
            default_transport = error:5.1.2 only this machine
            maximal_queue_lifetime = 0
            maillog_file = %1$s/maillog
            maillog_file_prefixes = %1$s
            import_environment = MAIL_CONFIG LD_LIBRARY_PATH
            """;

    private final Ports ports = new Ports();
    private final int relayPort = ports.any();
    private final int sinkPort = ports.any();
    private final String root = System.getProperty("postfix.root", "");
    private ScriptedSmtpServer recipients;
    private ScriptedSmtpServer sink;
    private Process postfix;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        int recipientsPort = ports.any();
        recipients = ScriptedSmtpServer.startOn(recipientsPort);
        sink = ScriptedSmtpServer.startOn(sinkPort);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path etc = Files.createDirectory(directory.resolve("etc"));
        Files.writeString(etc.resolve("main.cf"), MAIN.formatted(directory, root, recipientsPort, sinkPort));
        Files.writeString(etc.resolve("master.cf"), MASTER.formatted(relayPort));
        makeQueue(directory);
        ProcessBuilder master = new ProcessBuilder(root + "/usr/lib/postfix/sbin/master", "-c", etc.toString(), "-d");
        master.environment().put("LD_LIBRARY_PATH", root + "/usr/lib/postfix");
        master.environment().put("MAIL_CONFIG", etc.toString());
        postfix = master.inheritIO().start();
        await().until(() -> Ports.isListening(relayPort));
    }

    private static void makeQueue(Path directory) throws IOException {
        UserPrincipalLookupService people = directory.getFileSystem().getUserPrincipalLookupService();
        GroupPrincipal group = people.lookupPrincipalByGroupName("news");
        for (String queue : List.of(
                "active",
                "bounce",
                "corrupt",
                "defer",
                "deferred",
                "flush",
                "hold",
                "incoming",
                "private",
                "saved",
                "trace",
                "public",
                "maildrop")) {
            Path made = Files.createDirectories(directory.resolve("spool").resolve(queue));
            Files.setOwner(made, people.lookupPrincipalByName("uucp"));
            Files.getFileAttributeView(made, PosixFileAttributeView.class).setGroup(group);
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx--x---"));
        }
        Files.createDirectories(directory.resolve("spool/pid"));
        Files.setOwner(Files.createDirectory(directory.resolve("data")), people.lookupPrincipalByName("uucp"));
    }

    @AfterAll
    void stop() throws Exception {
        postfix.destroy();
        postfix.waitFor();
        recipients.close();
        sink.close();
    }

    @BeforeEach
    void forget() {
        sink.clear();
    }

    @ParameterizedTest
    @CsvSource({
        "RCPT, 550 5.1.1 user unknown, HARD_BOUNCE, 5.1.1",
        "RCPT, 550 no such user, HARD_BOUNCE, 5.0.0",
        "RCPT, 552 5.2.2 mailbox full, SOFT_BOUNCE, 5.2.2",
        "RCPT, 450 4.2.1 try later, SOFT_BOUNCE, 4.2.1",
        "END_OF_DATA, 554 5.7.1 not wanted, SOFT_BOUNCE, 5.7.1"
    })
    void itsBounceIsReadByMessageIdAndByEnvelopeSender(Step step, String reply, MailReport.Kind kind, String code)
            throws Exception {
        String verp = VerpFixtures.verp("bounces@bounce.example.com", VerpFixtures.SECRET)
                .sender(ReportFixtures.DELIVERY)
                .orElseThrow();
        recipients.answer(step, reply);
        recipients.answer(step, reply);

        send("bounces@bounce.example.com", "<%s@example.com>".formatted(ReportFixtures.DELIVERY));
        send(verp, "<replaced@relay.example.com>");

        await().until(() -> sink.mails().size() == 2);
        assertThat(sink.mails()).allSatisfy(bounce -> {
            MailReport report = Objects.requireNonNull(ReportFixtures.reader()
                    .read(bounce.source().getBytes(StandardCharsets.UTF_8))
                    .report());
            assertThat(report.kind()).isEqualTo(kind);
            assertThat(report.code()).isEqualTo(code);
            assertThat(report.delivery()).isEqualTo(ReportFixtures.DELIVERY);
            assertThat(report.recipient()).isEqualTo("ada@example.net");
        });
    }

    private void send(String envelopeSender, String messageId) throws Exception {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", "127.0.0.1");
        properties.put("mail.smtp.port", String.valueOf(relayPort));
        Session session = Session.getInstance(properties);
        SMTPMessage mail = new SMTPMessage(session);
        mail.setEnvelopeFrom(envelopeSender);
        mail.setFrom("Early Birds <hello@example.com>");
        mail.setRecipient(Message.RecipientType.TO, new InternetAddress("ada@example.net"));
        mail.setSubject("Welcome");
        mail.setText("Hello");
        mail.saveChanges();
        mail.setHeader("Message-ID", messageId);
        try (Transport relay = session.getTransport("smtp")) {
            relay.connect();
            relay.sendMessage(mail, mail.getAllRecipients());
        }
    }
}

package routes.mail.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import faults.ScriptedSmtpServer;
import faults.ScriptedSmtpServer.Answer;
import faults.ScriptedSmtpServer.Command;
import faults.ScriptedSmtpServer.Mail;
import faults.ScriptedSmtpServer.Step;
import faults.SelfSigned;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.eclipse.angus.mail.smtp.SMTPMessage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import routes.delivery.DeliveryException;
import routes.delivery.DeliverySettings;
import routes.delivery.DeliveryStatus;
import routes.delivery.Dependencies;
import routes.delivery.Outcome;
import routes.mail.MailSettings;
import routes.mail.Mails;

/** What the sender makes of an SMTP server that misbehaves, on a pool of one connection, which each mail gets from the one before. */
@Execution(ExecutionMode.CONCURRENT)
class PooledMailSenderTest {

    /** Where the server is late; elsewhere only a machine that is busy could be. */
    private static final Map<String, String> IMPATIENT = Map.of("mail.timeout", "2s", "mail.accept-timeout", "2s");

    /** Later than that. */
    private static final Duration TOO_LATE = Duration.ofSeconds(6);

    private ScriptedSmtpServer server = ScriptedSmtpServer.start();
    private final AnnotationConfigApplicationContext beans =
            new AnnotationConfigApplicationContext(SimpleMeterRegistry.class, Dependencies.class);
    private final Suppressions suppressions = Mockito.mock(Suppressions.class);
    private @Nullable PooledMailSender open;

    @AfterEach
    void close() throws Exception {
        beans.close();
        if (open != null) {
            open.destroy();
        }
        server.close();
    }

    @Test
    void mailsShareAConnection() throws Exception {
        PooledMailSender sender = sender();

        sender.send(mail(sender, "first@example.com"));
        sender.send(mail(sender, "second@example.com"));

        assertThat(server.mails())
                .extracting(Mail::recipients)
                .containsExactly(List.of("first@example.com"), List.of("second@example.com"));
        assertThat(server.connections()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "MAIL, 421 4.3.2 closing, DUE, 421",
        "MAIL, 451 4.3.0 trouble, DUE, 451",
        "MAIL, 552 5.3.4 too large, FAILED, 552",
        "RCPT, 421 4.3.2 closing, DUE, 421",
        "RCPT, 450 4.2.1 mailbox busy, DUE, 450",
        "RCPT, 550 5.1.1 no such user, FAILED, 550",
        "DATA, 421 4.3.2 closing, DUE, 421",
        "DATA, 451 4.3.0 trouble, DUE, 451",
        "DATA, 554 5.7.1 no, FAILED, 554",
        "END_OF_DATA, 421 4.3.2 closing, DUE, 421",
        "END_OF_DATA, 452 4.3.1 full, DUE, 452",
        "END_OF_DATA, 552 5.3.4 too large, FAILED, 552"
    })
    void fourHundredsAreTriedAgainFiveHundredsAreFinalAndTheNextMailKnowsNothingOfIt(
            Step step, String reply, DeliveryStatus status, String code) throws Exception {
        PooledMailSender sender = sender();
        server.answer(step, reply);

        Outcome outcome = refused(sender, "first@example.com");

        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.code()).isEqualTo(code);
        assertTheNextMailIsItsOwn(sender);
    }

    @ParameterizedTest
    @CsvSource({
        "GREETING, 421 4.3.2 busy",
        "GREETING, 554 5.3.2 not here",
        "EHLO, 421 4.3.2 busy",
        "EHLO, 504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname"
    })
    void aServerThatWelcomesNobodyRefusesNoMail(Step step, String reply) throws Exception {
        PooledMailSender sender = sender();
        server.answer(step, Answer.of(reply), Answer.of(reply)); // EHLO is tried as HELO, too

        Outcome outcome = refused(sender, "first@example.com");

        assertThat(outcome.status()).isEqualTo(DeliveryStatus.DUE);
        if (reply.startsWith("5")) {
            assertThat(outcome.tried()).isFalse();
            assertThat(outcome.reason()).contains("the SMTP server refused the connection: " + reply);
        }
        server.clear();
        awaitBack();
        assertTheNextMailIsItsOwn(sender);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"STARTTLS", "AUTH", "NOOP"})
    void aConnectionThatIsDroppedIsTriedAgain(Step step) throws Exception {
        PooledMailSender sender = sender();
        server.answer(step, Answer.drop(), Answer.drop());

        Outcome outcome = refused(sender, "first@example.com");

        assertThat(outcome.status()).isEqualTo(DeliveryStatus.DUE);
        assertThat(outcome.code()).as("the server said nothing").isNull();
        server.clear();
        assertTheNextMailIsItsOwn(sender);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"STARTTLS", "AUTH", "NOOP"})
    void aReplyThatIsTooLateIsTriedAgainAndNotTakenForTheNextMails(Step step) throws Exception {
        PooledMailSender sender = sender(IMPATIENT);
        Answer late = Answer.late("250 at last", TOO_LATE);
        server.answer(step, late, late);

        assertThat(refused(sender, "first@example.com").status()).isEqualTo(DeliveryStatus.DUE);
        server.clear();
        assertTheNextMailIsItsOwn(sender);
    }

    @ParameterizedTest
    @ValueSource(strings = {"421 4.4.2 idle for too long", ""})
    void aConnectionThatTheServerGaveUpMeanwhileIsReplaced(String reply) throws Exception {
        PooledMailSender sender = sender();
        sender.send(mail(sender, "first@example.com"));
        server.answer(Step.NOOP, reply.isEmpty() ? Answer.drop() : Answer.of(reply));

        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true); // no longer than that is one not asked
        sender.send(mail(sender, "second@example.com"));

        assertThat(server.mails()).hasSize(2).allMatch(Mail::accepted);
        assertThat(server.connections()).isEqualTo(2);
    }

    /** Between two mails a server may hang up at any time: nobody's attempt is to be used up for that. */
    @ParameterizedTest
    @ValueSource(strings = {"421 4.4.2 enough for now", ""})
    void aConnectionThatTheServerEndsBeforeItKnowsOfTheMailIsReplacedAtOnce(String reply) throws Exception {
        PooledMailSender sender = sender();
        sender.send(mail(sender, "first@example.com"));
        server.answer(Step.MAIL, reply.isEmpty() ? Answer.drop() : Answer.of(reply));

        sender.send(mail(sender, "second@example.com"));

        assertThat(server.mails())
                .extracting(Mail::recipients)
                .containsExactly(List.of("first@example.com"), List.of("second@example.com"));
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void aConnectionIsClosedAfterSoManyMails() throws Exception {
        PooledMailSender sender = sender(Map.of("mail.mails-per-connection", "2"));

        for (int i = 0; i < 5; i++) {
            sender.send(mail(sender, "p%d@example.com".formatted(i)));
        }

        assertThat(server.mails()).hasSize(5);
        assertThat(server.connections()).isEqualTo(3);
    }

    @Test
    void aConnectionThatLiesIdleIsClosed() throws Exception {
        PooledMailSender sender = sender(Map.of("mail.idle-timeout", "1s"));
        sender.send(mail(sender, "first@example.com"));

        await().untilAsserted(() ->
                assertThat(server.commands()).extracting(Command::line).contains("QUIT"));
    }

    @Test
    void noMoreMailsASecondAreSentThanTheRateAllows() throws Exception {
        PooledMailSender sender = sender(Map.of("mail.rate", "10"));
        long start = System.nanoTime();

        for (int i = 0; i < 6; i++) {
            sender.send(mail(sender, "p%d@example.com".formatted(i)));
        }

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(490));
    }

    @ParameterizedTest
    @CsvSource({
        "RCPT, 550 5.1.1 no such user, true",
        "RCPT, 550 5.1.10 null MX, true",
        "RCPT, 553 5.1.3 bad syntax, true",
        "RCPT, 550 5.2.1 mailbox disabled, true",
        "END_OF_DATA, 550 5.1.1 no such user, true",
        "RCPT, 550 5.7.1 blocked by policy, false",
        "RCPT, 550 no such user, true",
        "RCPT, 550 5.1.0 Sender denied, false",
        "RCPT, 552 5.2.2 mailbox full, false",
        "RCPT, 450 4.1.1 not now, false",
        "RCPT, 553 5.1.8 bad sender domain, false",
        "MAIL, 550 5.1.1 not you, false",
        "END_OF_DATA, 554 5.6.0 content, false"
    })
    void anAddressWithoutAMailboxIsSuppressedAndNoOther(Step step, String reply, boolean suppressed) throws Exception {
        PooledMailSender sender = sender();
        server.answer(step, reply);

        refused(sender, "first@example.com");

        Mockito.verify(suppressions, Mockito.times(suppressed ? 1 : 0))
                .add(Mockito.any(), Mockito.eq(reply), Mockito.eq(reply.substring(0, 3)));
    }

    @Test
    void aRehearsalToAnAddressWithoutAMailboxSuppressesNobody() throws Exception {
        PooledMailSender sender = sender();
        server.answer(Step.RCPT, "550 5.1.1 no such user");
        MimeMessage rehearsal = mail(sender, "operator@example.com");
        rehearsal.setHeader(Mails.REHEARSAL, "user.signed_up");

        assertThat(catchThrowable(() -> sender.send(rehearsal)))
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessageContaining("refused the recipient: 550 5.1.1 no such user");

        Mockito.verifyNoInteractions(suppressions);
    }

    @Test
    void aMailWhoseAcceptanceIsNotKnownSaysSo() {
        PooledMailSender sender = sender(IMPATIENT);
        server.answer(Step.END_OF_DATA, Answer.drop());
        assertThat(refused(sender, "first@example.com").reason()).contains("unknown whether the mail arrived");

        server.answer(Step.END_OF_DATA, Answer.late("250 ok", TOO_LATE));
        assertThat(refused(sender, "first@example.com").reason()).contains("unknown whether the mail arrived");

        server.answer(Step.RCPT, Answer.drop());
        assertThat(refused(sender, "first@example.com").reason()).doesNotContain("not known");
    }

    /** A mail that is given up too soon is sent again although the server has it. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "starttls", "implicit-tls"})
    void aServerMayTakeLongerToAcceptAMailThanToAnswerAnythingElse(String tls, @TempDir Path directory)
            throws Exception {
        SSLContext certificate = SelfSigned.context(directory);
        server.close();
        server = tls.equals("implicit-tls")
                ? ScriptedSmtpServer.startWithTls(certificate)
                : ScriptedSmtpServer.start(certificate);
        PooledMailSender sender =
                sender(Map.of("mail.timeout", "2s", "mail.accept-timeout", "1m", "mail." + tls, "true"));
        sender.getSession().getProperties().put("mail.smtp.ssl.trust", "localhost");
        server.answer(Step.END_OF_DATA, Answer.late("250 ok", TOO_LATE));

        sender.send(mail(sender, "first@example.com"));

        assertThat(server.mails()).singleElement().satisfies(mail -> assertThat(mail.encrypted())
                .isEqualTo(!tls.equals("none")));
        server.answer(Step.MAIL, Answer.late("250 ok", TOO_LATE));
        assertThat(refused(sender, "second@example.com").reason()).contains("timed out");
    }

    @Test
    void whileMailsWaitToBeAcceptedTheServerCountsAsDownForOthersAndTheyArriveOnce() throws Exception {
        PooledMailSender sender =
                sender(Map.of("mail.timeout", "3s", "mail.accept-timeout", "1m", "mail.connections", "6"));
        server.answer(
                Step.END_OF_DATA,
                Collections.nCopies(5, Answer.late("250 ok", Duration.ofSeconds(8)))
                        .toArray(Answer[]::new));

        List<CompletableFuture<@Nullable Exception>> sent = IntStream.range(0, 5)
                .mapToObj(n -> CompletableFuture.supplyAsync(() -> failureOf(sender, "p%d@example.com".formatted(n))))
                .toList();

        await().until(() -> beans.getBean(Dependencies.class).away().contains("smtp"));
        assertThat(sent).map(CompletableFuture::join).containsOnlyNulls();
        assertThat(server.mails()).hasSize(5);
        awaitBack();
    }

    @Test
    void aServerThatAnswersNobodyAnyMoreIsNotWaitedFor() throws Exception {
        PooledMailSender sender = sender(Map.of("mail.timeout", "2s", "mail.accept-timeout", "10m"));
        Answer never = Answer.late("250 ok", Duration.ofMinutes(10));
        server.answer(Step.END_OF_DATA, never);
        CompletableFuture<Outcome> waiting = CompletableFuture.supplyAsync(() -> refused(sender, "first@example.com"));
        await().until(() -> server.mails().size() == 1);

        server.answer(Step.GREETING, Collections.nCopies(100, never).toArray(Answer[]::new));

        assertThat(waiting.orTimeout(120, TimeUnit.SECONDS).join().reason())
                .contains("unknown whether the mail arrived");
    }

    @Test
    void aMailForWhichNoConnectionIsFreeUsesUpNoAttempt() throws Exception {
        PooledMailSender sender = sender(Map.of("mail.timeout", "2s", "mail.accept-timeout", "1m"));
        server.answer(Step.END_OF_DATA, Answer.late("250 ok", TOO_LATE));
        CompletableFuture<@Nullable Exception> first =
                CompletableFuture.supplyAsync(() -> failureOf(sender, "first@example.com"));
        await().until(() -> server.mails().size() == 1);

        Outcome outcome = refused(sender, "second@example.com");

        assertThat(outcome.tried()).isFalse();
        assertThat(outcome.reason()).isEqualTo("not tried: no connection to the SMTP server became free within 2 s");
        assertThat(first.join()).isNull();
    }

    @Test
    void whoWaitsForAConnectionHearsAtOnceThatTheServiceStops() throws Exception {
        PooledMailSender sender = sender(Map.of("mail.timeout", "60s", "mail.accept-timeout", "60s"));
        server.answer(Step.END_OF_DATA, Answer.late("250 ok", Duration.ofSeconds(20)));
        CompletableFuture<@Nullable Exception> first =
                CompletableFuture.supplyAsync(() -> failureOf(sender, "first@example.com"));
        await().until(() -> server.mails().size() == 1);
        CompletableFuture<Outcome> second = CompletableFuture.supplyAsync(() -> refused(sender, "second@example.com"));
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        sender.bindTo(metrics);
        await().until(() -> metrics.get("domain.events.smtp.waiting").gauge().value() == 1);

        sender.destroy();

        Outcome outcome = second.orTimeout(60, TimeUnit.SECONDS).join();
        assertThat(first).as("the mail under way").isNotDone();
        assertThat(outcome.tried()).isFalse();
        assertThat(outcome.reason()).isEqualTo("not tried: the service is stopping");
    }

    /** The server still waits for the rest of it, and would take the next mail's commands for its text. */
    @Test
    void afterAnErrorInTheMiddleOfAMailTheNextHasAConnectionOfItsOwn() throws Exception {
        PooledMailSender sender = sender();
        MimeMessage broken = new MimeMessage(mail(sender, "first@example.com")) {
            @Override
            public void writeTo(OutputStream out, String[] ignored) throws IOException {
                out.write("Subject: ".getBytes(StandardCharsets.US_ASCII));
                throw new StackOverflowError("in the middle");
            }
        };

        assertThatThrownBy(() -> sender.send(broken)).isInstanceOf(StackOverflowError.class);

        assertTheNextMailIsItsOwn(sender);
    }

    @Test
    void aRejectedRecipientIsForgottenBeforeTheNextMail() throws Exception {
        PooledMailSender sender = sender();
        server.answer(Step.RCPT, "550 5.1.1 no such user");
        refused(sender, "first@example.com");

        sender.send(mail(sender, "second@example.com"));

        List<Command> commands = server.commands();
        int rejected = index(commands, command -> command.line().startsWith("RCPT TO:<first"));
        int next = index(commands, command -> command.line().startsWith("RCPT TO:<second"));
        assertThat(commands.subList(rejected + 1, next))
                .extracting(Command::line)
                .contains("RSET");
        assertThat(server.connections()).isEqualTo(1);
    }

    /** The server has its sender and its recipient by then (RFC 5321, section 4.1.1.4). */
    @Test
    void aMailThatIsRefusedBeforeItsContentIsForgottenBeforeTheNext() throws Exception {
        PooledMailSender sender = sender();
        server.answer(Step.DATA, "554 5.7.1 not this one");
        refused(sender, "first@example.com");

        sender.send(mail(sender, "second@example.com"));

        List<Command> commands = server.commands();
        int refused = index(commands, command -> command.line().equals("DATA"));
        int next = index(commands, command -> command.line().startsWith("RCPT TO:<second"));
        assertThat(commands.subList(refused + 1, next))
                .extracting(Command::line)
                .contains("RSET");
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void aRejectedRecipientDisturbsNoMailBesideIt() throws Exception {
        PooledMailSender sender = sender(Map.of("mail.connections", "5", "mail.timeout", "60s")); // 30 wait for 5
        server.answer(Step.RCPT, Answer.of("550 5.1.1 no such user"), Answer.of("450 4.2.1 busy"), Answer.drop());

        List<CompletableFuture<@Nullable Exception>> sent = IntStream.range(0, 30)
                .mapToObj(n -> CompletableFuture.supplyAsync(() -> failureOf(sender, "p%d@example.com".formatted(n))))
                .toList();

        assertThat(sent)
                .map(CompletableFuture::join)
                .filteredOn(failure -> failure != null)
                .hasSize(3);
        assertThat(server.mails()).hasSize(27).allSatisfy(mail -> assertThat(mail.recipients())
                .containsExactly(mail.header("To")));
    }

    @Test
    void aServerThatWantsAnotherLoginForAnyMailIsAwayUntilItTakesOne() throws Exception {
        PooledMailSender sender = sender();
        Answer refusal = Answer.of("530 5.7.0 log in first");
        server.answer(Step.MAIL, Collections.nCopies(100, refusal).toArray(Answer[]::new));
        for (int i = 0; i < 5; i++) {
            refused(sender, "p%d@example.com".formatted(i));
        }

        await().during(Duration.ofSeconds(2))
                .untilAsserted(() ->
                        assertThat(beans.getBean(Dependencies.class).away()).containsExactly("smtp"));

        server.clear();
        await().untilAsserted(() ->
                assertThat(beans.getBean(Dependencies.class).away()).isEmpty());
        assertTheNextMailIsItsOwn(sender);
    }

    @ParameterizedTest
    @CsvSource({
        "MAIL, 550 5.7.1 not from you",
        "MAIL, 530 5.7.57 Client not authenticated to send mail",
        "RCPT, 550 5.1.0 Sender denied",
        "RCPT, 504 5.5.2 <pod-1>: Helo command rejected: need fully-qualified hostname",
        "END_OF_DATA, 550 5.7.708 Access denied: traffic not accepted from this IP"
    })
    void whatTheServerHoldsAgainstTheServiceIsNoMailsOwn(Step step, String reply) throws Exception {
        PooledMailSender sender = sender();
        server.answer(step, reply);

        Outcome outcome = refused(sender, "first@example.com");

        assertThat(outcome.status()).isEqualTo(DeliveryStatus.DUE);
        assertThat(outcome.tried()).as("an attempt").isFalse();
        assertThat(outcome.reason()).contains(reply);
        Mockito.verifyNoInteractions(suppressions);
        assertTheNextMailIsItsOwn(sender);

        server.answer(step, reply);
        assertThat(refused(sender, "first@example.com").tried())
                .as("it takes others, so it means this one after all")
                .isTrue();
    }

    @Test
    void whatTheServerHoldsAgainstTheSenderOfACampaignIsTheCampaigns() throws Exception {
        PooledMailSender sender = sender();
        for (int i = 0; i < 6; i++) {
            server.answer(Step.RCPT, "550 5.1.0 Sender denied");
            MimeMessage mail = mail(sender, "first@example.com");
            mail.setFrom("own@campaign.example");
            Outcome outcome = Outcome.of(catchThrowableOfType(DeliveryException.class, () -> sender.send(mail)));

            assertThat(outcome.status()).isEqualTo(DeliveryStatus.FAILED);
            assertThat(outcome.reason()).isEqualTo("the SMTP server refused the recipient: 550 5.1.0 Sender denied");
            assertThat(outcome.code()).isEqualTo("550");
        }
        Mockito.verifyNoInteractions(suppressions);
        assertTheNextMailIsItsOwn(sender);
    }

    @Test
    void anEnvelopeSenderThatTheServerRefusesIsTheServicesWhoeverTheMailIsFrom() throws Exception {
        PooledMailSender sender = sender();
        server.answer(Step.MAIL, "550 5.1.0 Sender denied");
        SMTPMessage mail = new SMTPMessage(mail(sender, "first@example.com"));
        mail.setFrom("own@campaign.example");
        mail.setEnvelopeFrom("bounces+1@bounce.example.com");

        Outcome outcome = Outcome.of(catchThrowableOfType(DeliveryException.class, () -> sender.send(mail)));

        assertThat(outcome.status()).isEqualTo(DeliveryStatus.DUE);
        assertThat(outcome.tried()).isFalse();
    }

    @Test
    void aServerThatHoldsSomethingAgainstTheServiceAtRcptIsAwayAndLeftAloneForAWhile() {
        PooledMailSender sender = sender();
        Answer refusal = Answer.of("554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied");
        server.answer(Step.RCPT, Collections.nCopies(6, refusal).toArray(Answer[]::new));

        for (int i = 0; i < 5; i++) {
            assertThat(refused(sender, "p%d@example.com".formatted(i)).tried()).isFalse();
        }

        await().during(Duration.ofSeconds(2)).untilAsserted(() -> assertThat(
                        refused(sender, "first@example.com").waitsFor())
                .isEqualTo("smtp"));
    }

    /** The password is changed on the server, and changed back, or put right. */
    @Test
    void aLoginThatIsRefusedHoldsAllMailAndNobodysAttemptUntilItWorksAgain() throws Exception {
        PooledMailSender sender = sender(Map.of("mail.username", "service", "mail.password", "secret"));
        Answer refusal = Answer.of("535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6");
        server.answer(Step.AUTH, Collections.nCopies(100, refusal).toArray(Answer[]::new));

        for (int i = 0; i < 3; i++) {
            Outcome outcome = refused(sender, "p%d@example.com".formatted(i));
            assertThat(outcome.tried()).isFalse();
            assertThat(outcome.waitsFor()).isEqualTo("smtp");
            assertThat(outcome.reason()).contains("535 5.7.8");
        }

        server.clear();
        awaitBack();
        assertTheNextMailIsItsOwn(sender);
        assertThat(server.commands()).extracting(Command::line).anyMatch(line -> line.startsWith("AUTH PLAIN"));
    }

    @ParameterizedTest
    @CsvSource({"'', EHLO demo.example", "out.demo.example, EHLO out.demo.example", "[192.0.2.1], EHLO [192.0.2.1]"})
    void itCallsItselfByAQualifiedName(String setting, String said) throws Exception {
        assertTheNextMailIsItsOwn(sender(Map.of("mail.ehlo-name", setting)));

        assertThat(server.conversation(1)).startsWith(said);
    }

    private void awaitBack() {
        await().untilAsserted(() ->
                assertThat(beans.getBean(Dependencies.class).away()).isEmpty());
    }

    /** Neither its replies nor its silence are a mail's own: nobody's schedule is to be used up. */
    @Test
    void aServerThatHangsUpOnEverybodyIsAwayAndComesBack() throws Exception {
        PooledMailSender sender = sender();
        for (int i = 0; i < 5; i++) {
            server.answer(Step.MAIL, Answer.drop());
            refused(sender, "p%d@example.com".formatted(i));
        }

        assertThat(refused(sender, "first@example.com").waitsFor()).isEqualTo("smtp");
        await().untilAsserted(() ->
                assertThat(beans.getBean(Dependencies.class).away()).isEmpty());
        assertTheNextMailIsItsOwn(sender);
    }

    @Test
    void withoutStarttlsNothingIsSaidInPlainTextWhereTlsIsRequired() {
        PooledMailSender sender = sender(TLS_REQUIRED);

        assertThat(refused(sender, "first@example.com").status()).isEqualTo(DeliveryStatus.DUE);
        assertNothingWasSaidInPlainText();
    }

    @Test
    void whenStarttlsIsRefusedNothingIsSaidInPlainTextWhereTlsIsRequired(@TempDir Path directory) throws Exception {
        offer(SelfSigned.context(directory));
        PooledMailSender sender = sender(TLS_REQUIRED);
        server.answer(Step.STARTTLS, "454 4.7.0 not now");

        assertThat(refused(sender, "first@example.com").status()).isEqualTo(DeliveryStatus.DUE);
        assertNothingWasSaidInPlainText();
    }

    @Test
    void aCertificateThatNobodyVouchesForIsRefusedAndNothingIsSaid(@TempDir Path directory) throws Exception {
        offer(SelfSigned.context(directory));
        PooledMailSender sender = sender(TLS_REQUIRED);

        Outcome outcome = refused(sender, "first@example.com");

        assertThat(outcome.status()).isEqualTo(DeliveryStatus.DUE);
        assertThat(outcome.reason()).contains("TLS");
        assertNothingWasSaidInPlainText();
    }

    @ParameterizedTest
    @CsvSource({"localhost, true", "127.0.0.1, false"})
    void aCertificateIsGoodForTheHostThatItNamesAndForNoOther(String host, boolean accepted, @TempDir Path directory)
            throws Exception {
        offer(SelfSigned.context(directory));
        PooledMailSender sender = sender(Map.of("mail.starttls", "true", "mail.host", host));
        sender.getSession().getProperties().put("mail.smtp.ssl.socketFactory", trustingEverybody());

        assertThat(catchThrowable(() -> sender.send(mail(sender, "first@example.com"))) == null)
                .isEqualTo(accepted);

        assertThat(server.mails()).hasSize(accepted ? 1 : 0);
    }

    /** Whoever has signed a certificate: what it names is another question. */
    private static SSLSocketFactory trustingEverybody() throws GeneralSecurityException {
        X509TrustManager everybody = new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {everybody}, null);
        return context.getSocketFactory();
    }

    @Test
    void tlsFromTheFirstByteSaysNothingInPlainText(@TempDir Path directory) throws Exception {
        offer(SelfSigned.context(directory));
        PooledMailSender sender = sender(Map.of("mail.implicit-tls", "true", "mail.starttls", "true"));

        Outcome outcome = refused(sender, "first@example.com");

        assertThat(outcome.status()).isEqualTo(DeliveryStatus.DUE);
        assertThat(server.commands())
                .extracting(Command::line)
                .noneMatch(line -> line.matches("(?i)(EHLO|HELO|MAIL).*"));
    }

    /** Without SMTPUTF8 the library would cut each letter down to a byte: š to a, and the mail would go to somebody else. */
    @ParameterizedTest
    @ValueSource(strings = {"\u0161da@example.com", "ada@ex\u00e4mple.com", "a\u010a\u010dDATA@example.com"})
    void anAddressThatSmtpCannotCarryIsRefusedBeforeTheServerSeesIt(String address) throws Exception {
        PooledMailSender sender = sender();

        Outcome outcome = refused(sender, address);

        assertThat(outcome.status()).isEqualTo(DeliveryStatus.FAILED);
        assertThat(outcome.reason()).contains("non-ASCII");
        assertThat(server.commands()).extracting(Command::line).noneMatch(line -> line.startsWith("RCPT"));
        assertTheNextMailIsItsOwn(sender);
    }

    private static final Map<String, String> TLS_REQUIRED =
            Map.of("mail.starttls", "true", "mail.username", "service", "mail.password", "secret");

    private void assertTheNextMailIsItsOwn(PooledMailSender sender) throws MessagingException {
        int before = server.mails().size();

        sender.send(mail(sender, "next@example.com"));

        List<Mail> mails = server.mails();
        assertThat(mails.subList(before, mails.size())).singleElement().satisfies(mail -> {
            assertThat(mail.accepted()).isTrue();
            assertThat(mail.recipients()).containsExactly("next@example.com");
            assertThat(mail.source()).contains("next@example.com").doesNotContain("first@example.com");
        });
    }

    private void assertNothingWasSaidInPlainText() {
        assertThat(server.mails()).isEmpty();
        assertThat(server.commands())
                .filteredOn(command -> !command.encrypted())
                .extracting(command -> command.line().split(" ", -1)[0])
                .isSubsetOf("EHLO", "HELO", "STARTTLS", "NOOP", "RSET", "QUIT");
    }

    private void offer(SSLContext certificate) throws Exception {
        server.close();
        server = ScriptedSmtpServer.start(certificate);
    }

    private PooledMailSender sender() {
        return sender(Map.of());
    }

    private PooledMailSender sender(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "mail.host", "localhost",
                "mail.port", String.valueOf(server.port()),
                "mail.starttls", "false",
                "mail.timeout", "20s",
                "mail.accept-timeout", "20s",
                "mail.connections", "1",
                "mail.from", "hello@demo.example"));
        all.putAll(settings);
        Binder binder = new Binder(new MapConfigurationPropertySource(all));
        PooledMailSender sender = new PooledMailSender(
                binder.bindOrCreate("mail", MailSettings.class),
                binder.bindOrCreate("deliveries", DeliverySettings.class),
                beans.getBean(Dependencies.class),
                suppressions);
        open = sender;
        return sender;
    }

    private static MimeMessage mail(PooledMailSender sender, String recipient) throws MessagingException {
        MimeMessage mail = new MimeMessage(sender.getSession());
        mail.setFrom("hello@demo.example");
        mail.setRecipient(RecipientType.TO, new InternetAddress(recipient));
        mail.setText("Hello");
        mail.saveChanges();
        return mail;
    }

    private static Outcome refused(PooledMailSender sender, String recipient) {
        return Outcome.of(catchThrowableOfType(DeliveryException.class, () -> sender.send(mail(sender, recipient))));
    }

    private static @Nullable Exception failureOf(PooledMailSender sender, String recipient) {
        try {
            sender.send(mail(sender, recipient));
            return null;
        } catch (DeliveryException | MessagingException e) {
            return e;
        }
    }

    private static int index(List<Command> commands, Predicate<Command> which) {
        return IntStream.range(0, commands.size())
                .filter(i -> which.test(commands.get(i)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("not among " + Arrays.toString(commands.toArray())));
    }
}

package routes.mail.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import faults.ScriptedSmtpServer;
import faults.ScriptedSmtpServer.Answer;
import faults.ScriptedSmtpServer.Step;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.mail.Flags;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import routes.delivery.DeliveryException;
import routes.delivery.DeliverySettings;
import routes.delivery.DeliveryStatus;
import routes.delivery.Dependencies;
import routes.delivery.Outcome;
import routes.mail.MailSettings;

/** Which of two SMTP servers a mail goes through. */
@Execution(ExecutionMode.CONCURRENT)
class TwoSmtpServersTest {

    private static final Duration TAKE_OVER = Duration.ofSeconds(5);

    private ScriptedSmtpServer first = ScriptedSmtpServer.start();
    private final ScriptedSmtpServer second = ScriptedSmtpServer.start();
    private final AnnotationConfigApplicationContext beans =
            new AnnotationConfigApplicationContext(SimpleMeterRegistry.class, Dependencies.class);
    private final Dependencies dependencies = beans.getBean(Dependencies.class);
    private @Nullable PooledMailSender open;

    @AfterEach
    void close() throws Exception {
        beans.close();
        Objects.requireNonNull(open).destroy();
        first.close();
        second.close();
    }

    @Test
    void mailsGoThroughTheFirstWhileItIsUp() throws Exception {
        PooledMailSender sender = sender(Map.of());

        sender.send(mail(sender));
        first.answer(Step.MAIL, Answer.of("421 4.3.2 closing"), Answer.of("421 4.3.2 closing"));
        refused(sender);

        assertThat(first.mails()).hasSize(1);
        assertThat(second.connections()).isZero();
        assertThat(health(sender)).isEqualTo("UP smtp-first");
    }

    @Test
    void theSecondTakesOverAfterFiveSecondsAndTheFirstIsUsedAgainOnceItAnswers() throws Exception {
        PooledMailSender sender = sender(Map.of());
        first.refuse();
        for (int i = 0; i < 4; i++) {
            assertThat(refused(sender).tried()).isTrue();
        }
        long away = System.nanoTime();
        assertThat(refused(sender).tried()).isTrue();

        Outcome early = refused(sender);
        assertThat(early.waitsFor()).isEqualTo("smtp");
        assertThat(health(sender)).isEqualTo("DOWN null");
        await().until(() -> dependencies.away(), List.of("smtp", "smtp-first")::equals);

        MimeMessage mail = mail(sender);
        awaitSent(sender, mail);
        assertThat(Duration.ofNanos(System.nanoTime() - away)).isBetween(TAKE_OVER, Duration.ofSeconds(30));
        assertThat(second.mails()).extracting(its -> its.header("Message-ID")).containsExactly(mail.getMessageID());
        await().until(() -> dependencies.away(), List.of("smtp-first")::equals);
        assertThat(health(sender)).isEqualTo("UP smtp-second");

        first = first.startAgain();
        await().until(() -> dependencies.away().isEmpty());
        sender.send(mail(sender));
        assertThat(first.mails()).hasSize(1);
        assertThat(second.mails()).hasSize(1);
    }

    @Test
    void mailsWaitWhileBothAreDownAndGoThroughWhicheverIsBack() throws Exception {
        PooledMailSender sender = sender(Map.of());
        first.refuse();
        second.answer(Step.GREETING, Collections.nCopies(100, Answer.drop()).toArray(Answer[]::new));
        failFiveTimes(sender);
        awaitRefusal(sender, outcome -> outcome.tried()); // by the second
        failFiveTimes(sender);

        await().until(() -> dependencies.away(), List.of("smtp", "smtp-first", "smtp-second")::equals);
        assertThat(refused(sender).waitsFor()).isEqualTo("smtp");

        second.clear();
        awaitSent(sender, mail(sender));
        assertThat(second.mails()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"RCPT, 550 5.1.1 no such user", "RCPT, 450 4.2.1 busy", "END_OF_DATA, 554 5.7.1 spam"})
    void anAnswerAboutTheMailIsAnAnswerWhichTheOtherIsNotAskedFor(Step step, String reply) throws Exception {
        PooledMailSender sender = sender(Map.of());
        for (int i = 0; i < 6; i++) {
            first.answer(step, reply);
            assertThat(refused(sender).code()).isEqualTo(reply.substring(0, 3));
        }

        assertThat(dependencies.away()).isEmpty();
        assertThat(second.connections()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "GREETING, 554 5.3.2 not here",
        "GREETING, 421 4.3.2 busy",
        "EHLO, 504 5.5.2 need a qualified name",
        "AUTH, 535 5.7.8 authentication failed",
        "MAIL, 530 5.7.0 log in first",
        "RCPT, 554 5.7.1 <unknown[192.0.2.1]>: Client host rejected"
    })
    void aFirstServerThatRefusesTheServiceCountsAsDown(Step step, String reply) throws Exception {
        PooledMailSender sender = sender(Map.of("mail.username", "service", "mail.password", "secret"));
        first.answer(step, Collections.nCopies(500, Answer.of(reply)).toArray(Answer[]::new));
        MimeMessage mail = mail(sender);

        awaitSent(sender, mail);

        assertThat(second.mails()).extracting(its -> its.header("Message-ID")).containsExactly(mail.getMessageID());
        assertThat(second.commands()).noneMatch(command -> command.line().startsWith("AUTH"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mail.host=no..such.host", "mail.starttls=true", "mail.implicit-tls=true"})
    void aFirstServerThatCannotBeReachedCountsAsDown(String wrong) throws Exception {
        String[] setting = wrong.split("=", 2);
        PooledMailSender sender = sender(Map.of(setting[0], setting[1]));

        awaitSent(sender, mail(sender));

        assertThat(second.mails()).hasSize(1);
        assertThat(first.mails()).isEmpty();
    }

    @Test
    void aMailThatTheFirstMayHaveWaitsForTheFirst() throws Exception {
        PooledMailSender sender = sender(Map.of());
        first.refuse();
        awaitSent(sender, mail(sender));
        MimeMessage mail = mail(sender);
        mail.setFlags(new Flags("smtp-first"), true);

        Outcome outcome = refused(sender, mail);
        assertThat(outcome.tried()).isFalse();
        assertThat(outcome.waitsFor())
                .as("it is due again while mails go through the second")
                .isNull();
        assertThat(outcome.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(outcome.reason()).isEqualTo("not tried: smtp-first may have the mail, and is down");

        first = first.startAgain();
        awaitSent(sender, mail);
        assertThat(first.mails()).singleElement().satisfies(its -> assertThat(its.source())
                .doesNotContain("smtp-first"));
        assertThat(second.mails()).hasSize(1);
    }

    @Test
    void aMailThatTheSecondMayHaveGoesThroughTheSecond() throws Exception {
        PooledMailSender sender = sender(Map.of());
        MimeMessage mail = mail(sender);
        mail.setFlags(new Flags("smtp-second"), true);

        sender.send(mail);

        assertThat(second.mails()).hasSize(1);
        assertThat(first.connections()).isZero();
    }

    /** Its probe works, so without a pause it would be used again every second, and get mails whose fate is unknown each time. */
    @Test
    void aFirstServerThatTakesMailsAndNeverAnswersIsLeftAloneForSixPauses() throws Exception {
        PooledMailSender sender = sender(Map.of());
        first.answer(Step.END_OF_DATA, Collections.nCopies(5, Answer.drop()).toArray(Answer[]::new));
        for (int i = 0; i < 5; i++) {
            assertThat(refused(sender).reason())
                    .startsWith("it is unknown whether the mail arrived, the SMTP server localhost:%d did not say"
                            .formatted(first.port()));
        }

        awaitSent(sender, mail(sender));

        assertThat(second.mails()).hasSize(1);
        await().until(() -> dependencies.away().isEmpty());
    }

    /** Each look at a mail that waits makes the server be left alone for longer, but not so that nobody notices that it is gone. */
    @Test
    void aFirstServerThatAnswersNobodyAnyMoreIsNotWaitedFor() throws Exception {
        PooledMailSender sender = sender(Map.of("mail.timeout", "2s", "mail.accept-timeout", "10m"));
        Answer never = Answer.late("250 ok", Duration.ofMinutes(10));
        first.answer(Step.END_OF_DATA, never);
        MimeMessage mail = mail(sender);
        CompletableFuture<Outcome> waiting = CompletableFuture.supplyAsync(() -> refused(sender, mail));
        await().until(() -> first.mails().size() == 1);

        first.answer(Step.GREETING, Collections.nCopies(100, never).toArray(Answer[]::new));

        assertThat(waiting.orTimeout(120, TimeUnit.SECONDS).join().reason())
                .contains("unknown whether the mail arrived");
    }

    @Test
    void meters() throws Exception {
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        sender(Map.of()).bindTo(metrics);

        assertThat(metrics.find("domain.events.smtp.connections").gauges())
                .extracting(Meter::getId)
                .extracting(id -> id.getTag("server") + " " + id.getTag("state"))
                .containsExactlyInAnyOrder("first active", "first idle", "second active", "second idle");
        assertThat(metrics.find("domain.events.smtp.waiting").gauges()).hasSize(2);
        Set<ObjectName> pools = ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("org.apache.commons.pool2:type=GenericObjectPool,name=smtp*"), null);
        assertThat(pools)
                .extracting(pool -> pool.getKeyProperty("name").replaceFirst("\\d+$", ""))
                .contains("smtp-first", "smtp-second");
    }

    private void failFiveTimes(PooledMailSender sender) throws MessagingException {
        for (int i = 0; i < 5; i++) {
            refused(sender);
        }
    }

    /** Sends a mail until it is taken, as the ledger would. */
    private static void awaitSent(PooledMailSender sender, MimeMessage mail) {
        await().until(() -> {
            try {
                sender.send(mail);
                return true;
            } catch (DeliveryException refused) {
                assertThat(Outcome.of(refused).status()).isEqualTo(DeliveryStatus.DUE);
                return false;
            }
        });
    }

    private void awaitRefusal(PooledMailSender sender, Predicate<Outcome> as) {
        Callable<Boolean> refused = () -> as.test(refused(sender));
        await().until(refused);
    }

    private static String health(PooledMailSender sender) {
        Health health = Objects.requireNonNull(sender.smtpHealthIndicator().health());
        return health.getStatus() + " " + health.getDetails().get("server");
    }

    private PooledMailSender sender(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "mail.host", "localhost",
                "mail.port", String.valueOf(first.port()),
                "mail.starttls", "false",
                "mail.timeout", "20s",
                "mail.connections", "1",
                "mail.refused-pause", "1s",
                "mail.from", "hello@demo.example",
                "mail.fallback.host", "127.0.0.1",
                "mail.fallback.port", String.valueOf(second.port()),
                "mail.fallback.starttls", "false"));
        all.put("mail.accept-timeout", "20s");
        all.putAll(settings);
        Binder binder = new Binder(new MapConfigurationPropertySource(all));
        open = new PooledMailSender(
                binder.bindOrCreate("mail", MailSettings.class),
                binder.bindOrCreate("deliveries", DeliverySettings.class),
                dependencies,
                Mockito.mock(Suppressions.class));
        return open;
    }

    private static MimeMessage mail(PooledMailSender sender) throws MessagingException {
        MimeMessage mail = new MimeMessage(sender.getSession());
        mail.setFrom("hello@demo.example");
        mail.setRecipient(RecipientType.TO, new InternetAddress("ada@example.com"));
        mail.setText("Hello");
        mail.saveChanges();
        return mail;
    }

    private static Outcome refused(PooledMailSender sender) throws MessagingException {
        return refused(sender, mail(sender));
    }

    private static Outcome refused(PooledMailSender sender, MimeMessage mail) {
        return Outcome.of(catchThrowableOfType(DeliveryException.class, () -> sender.send(mail)));
    }
}

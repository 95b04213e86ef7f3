package routes.mail.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faults.ScriptedSmtpServer;
import faults.ScriptedSmtpServer.Answer;
import faults.ScriptedSmtpServer.Mail;
import faults.ScriptedSmtpServer.Step;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import routes.OnPlatform;
import routes.Pipeline;
import routes.delivery.Delivery;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventPublisher;
import routes.event.Events;

/** A second SMTP server, from the event to the mail: who has which mail when the first goes away. */
@OnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmtpFallbackIT {

    private static final ScriptedSmtpServer SECOND = ScriptedSmtpServer.start();

    /** Longer than the first server is left alone in these tests after it did not answer. */
    private static final Duration UNKNOWN_AFTER = Duration.ofSeconds(30);

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Platform platform;

    @Autowired
    private LostAnswers answers;

    private ScriptedSmtpServer first;

    @DynamicPropertySource
    static void twoServers(DynamicPropertyRegistry registry) {
        registry.add("mail.fallback.host", () -> "localhost");
        registry.add("mail.fallback.port", SECOND::port);
        registry.add("mail.fallback.starttls", () -> "false");
        registry.add("mail.fallback.unknown-after", UNKNOWN_AFTER::toString);
        registry.add("mail.timeout", () -> "2s");
        registry.add("mail.accept-timeout", () -> "2s");
    }

    @BeforeAll
    void takeThePlaceOfTheServer() {
        pipeline.awaitDrained();
        platform.mail().kill();
        first = ScriptedSmtpServer.startOn(platform.mail().port());
    }

    @BeforeEach
    void startWithTheFirst() {
        awaitServer("smtp-first");
        first.clear();
        SECOND.clear();
    }

    @AfterAll
    void giveItBack() throws Exception {
        first.close();
        SECOND.close();
        platform.mail().restart();
    }

    @Test
    void whenTheFirstIsKilledUnderLoadAllMailsArriveAndOnceUnlessAnAnswerWasLost() throws Exception {
        int before = 100;
        List<DomainEvent> events = people(400);
        FutureTask<List<?>> load = new FutureTask<>(() -> {
            for (int from = 0; from < events.size(); from += 20) {
                publisher.publish(events.subList(from, from + 20));
            }
            return events;
        });
        new Thread(load, "load").start();
        await().until(() -> first.mails().size() >= before);
        first.refuse();
        long killed = System.nanoTime();
        await().until(() -> !SECOND.mails().isEmpty());
        assertThat(Duration.ofNanos(System.nanoTime() - killed))
                .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(30));
        awaitServer("smtp-second");
        load.get();
        pipeline.awaitDrained(); // also those that the first may have: after UNKNOWN_AFTER

        Set<String> unknown = unknown(events);
        Map<String, List<Mail>> arrived = Stream.concat(first.mails().stream(), SECOND.mails().stream())
                .collect(Collectors.groupingBy(mail -> mail.header("Message-ID")));
        assertThat(arrived).hasSize(events.size());
        assertThat(arrived)
                .allSatisfy((id, mails) -> assertThat(mails).hasSizeLessThanOrEqualTo(unknown.contains(id) ? 2 : 1));
        assertThat(unknown).hasSizeLessThanOrEqualTo(10); // in flight when it was killed

        first = first.startAgain();
        awaitServer("smtp-first");
        publisher.publish(people(5));
        pipeline.awaitDrained();
        assertThat(first.mails()).hasSize(5);
    }

    @Test
    void aMailWhoseAnswerWasLostIsNotSentByTheSecondWhileTheFirstHasItsTime() throws Exception {
        Answer never = Answer.late("250 at last", Duration.ofSeconds(20));
        first.answer(Step.END_OF_DATA, Collections.nCopies(50, never).toArray(Answer[]::new));
        publisher.publish(people(30));

        await().until(() -> SECOND.mails().size() >= 10);
        Set<String> mayBeAtTheFirst = ids(first.mails());
        assertThat(mayBeAtTheFirst).hasSizeBetween(5, 20);
        assertThat(ids(SECOND.mails())).doesNotContainAnyElementsOf(mayBeAtTheFirst);

        first.clear(); // it works again
        pipeline.awaitDrained();

        assertThat(ids(SECOND.mails())).doesNotContainAnyElementsOf(mayBeAtTheFirst);
        assertThat(ids(first.mails())).containsAll(mayBeAtTheFirst);
        assertThat(SECOND.mails()).hasSize(ids(SECOND.mails()).size());
    }

    @Test
    void theLedgerSaysWhichServerMayHaveAMail() throws Exception {
        DomainEvent event = people(1).get(0);
        publisher.publish(event);
        pipeline.awaitDrained();
        UUID id = jdbc.sql("SELECT id FROM event_routes.delivery WHERE event_id = ?")
                .param(event.id())
                .query(UUID.class)
                .single();
        String second =
                "gave up after 2 attempts: it is unknown whether the mail arrived, the SMTP server localhost:%d did not say; ..."
                        .formatted(SECOND.port());

        assertThat(mayHave(id, event, 2)).as("a delivered mail").isEmpty();
        attempted(id, "due", "it is unknown whether the mail arrived, the SMTP server did not say; ...", "1s");
        assertThat(mayHave(id, event, 2)).containsExactly("smtp-first");
        assertThat(mayHave(id, event, 1)).as("a first attempt").isEmpty();
        attempted(id, "failed", second, "1s");
        assertThat(mayHave(id, event, 2)).containsExactly("smtp-second");
        attempted(id, "failed", second, "31s");
        assertThat(mayHave(id, event, 2)).as("the second has had its time").isEmpty();
        attempted(id, "due", "the SMTP server refused the mail: 451 4.3.0 trouble", "1s");
        assertThat(mayHave(id, event, 2)).as("an answer").isEmpty();
        attempted(id, null, null, "1s");
        assertThat(mayHave(id, event, 2)).as("cut off").containsExactly("smtp-first");
    }

    private void attempted(UUID id, @Nullable String outcome, @Nullable String reason, String ago) {
        jdbc.sql("""
                        UPDATE event_routes.delivery_attempt
                        SET outcome = CAST(:outcome AS text), reason = :reason, started_at = now() - CAST(:ago AS interval),
                            ended_at = CASE WHEN CAST(:outcome AS text) IS NULL THEN NULL ELSE now() - CAST(:ago AS interval) END
                        WHERE delivery_id = :id
                        """)
                .param("id", id)
                .param("outcome", outcome)
                .param("reason", reason)
                .param("ago", ago)
                .update();
    }

    private String[] mayHave(UUID id, DomainEvent event, int attempt) throws MessagingException {
        MimeMessage mail = new MimeMessage((Session) null);
        answers.recall(new Delivery(id, "email-workers", "", event, attempt, attempt, 1, false, false, null), mail);
        return mail.getFlags().getUserFlags();
    }

    /** The Message-IDs of the mails with an attempt of which nobody knows. */
    private Set<String> unknown(List<DomainEvent> events) {
        return jdbc.sql("""
                        SELECT DISTINCT '<' || a.delivery_id || '@demo.example>'
                        FROM event_routes.delivery_attempt a
                        JOIN event_routes.delivery d ON d.id = a.delivery_id
                        WHERE a.reason LIKE 'it is unknown whether the mail arrived%' AND d.event_id IN (:events)
                        """)
                .param("events", events.stream().map(DomainEvent::id).toList())
                .query(String.class)
                .set();
    }

    private static Set<String> ids(List<Mail> mails) {
        return mails.stream().map(mail -> mail.header("Message-ID")).collect(Collectors.toCollection(TreeSet::new));
    }

    private void awaitServer(String name) {
        await().untilAsserted(() -> assertThat(pipeline.operation("health/smtp", null)
                        .at("/details/server")
                        .asText())
                .isEqualTo(name));
    }

    private static List<DomainEvent> people(int count) {
        return IntStream.range(0, count)
                .mapToObj(n -> Events.signedUp(Events.email()))
                .toList();
    }
}

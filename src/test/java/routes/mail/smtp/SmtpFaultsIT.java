package routes.mail.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import faults.ScriptedSmtpServer;
import faults.ScriptedSmtpServer.Answer;
import faults.ScriptedSmtpServer.Mail;
import faults.ScriptedSmtpServer.Step;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.dev.Platform;
import routes.event.DomainEvent;
import routes.event.EventData.UserSignedUp;
import routes.event.EventPublisher;
import routes.event.Events;

/** What becomes of the deliveries when the SMTP server misbehaves, from the event to the ledger (F13). */
@OnPlatform
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmtpFaultsIT {

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Platform platform;

    private ScriptedSmtpServer server;

    record Attempt(@Nullable String outcome, @Nullable String code) {}

    @BeforeAll
    void takeThePlaceOfTheServer() {
        pipeline.awaitDrained();
        platform.mail().kill();
        server = ScriptedSmtpServer.startOn(platform.mail().port());
    }

    @BeforeEach
    void forget() {
        server.clear();
    }

    @AfterAll
    void giveItBack() throws Exception {
        server.close();
        platform.mail().restart();
    }

    @ParameterizedTest
    @CsvSource({
        "RCPT, 450 4.2.1 mailbox busy, 450",
        "MAIL, 421 4.3.2 closing, 421",
        "DATA, 451 4.3.0 trouble, 451",
        "END_OF_DATA, 452 4.3.1 full, 452"
    })
    void aMailThatIsPutOffIsTriedAgainAndArrivesOnce(Step step, String reply, String code) throws Exception {
        server.answer(step, reply);

        DomainEvent event = publish();

        assertThat(attempts(event)).containsExactly(new Attempt("due", code), new Attempt("delivered", null));
        assertThat(accepted(event)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"RCPT, 550 5.1.1 no such user, 550", "END_OF_DATA, 554 5.7.1 no, 554"})
    void aMailThatIsRefusedHasFailedAndIsNotTriedAgain(Step step, String reply, String code) throws Exception {
        server.answer(step, reply);

        DomainEvent event = publish();

        assertThat(attempts(event)).containsExactly(new Attempt("failed", code));
        assertThat(accepted(event)).isEmpty();
    }

    @Test
    void anAddressWithoutAMailboxIsNotWrittenToAgainUntilItIsLifted() throws Exception {
        server.answer(Step.RCPT, "550 5.1.1 no such user");
        String address = email(publish());

        DomainEvent second = publish(Events.signedUp(address));

        assertThat(attempts(second)).containsExactly(new Attempt("skipped", null));
        JsonNode whole = pipeline.operation("deliveries/" + delivery(second), null);
        assertThat(whole.at("/delivery/reason").asText())
                .startsWith("suppressed until ")
                .contains("550 5.1.1 no such user");
        JsonNode listed = pipeline.operation("suppressions?limit=1", null).at("/suppressions/0");
        assertThat(listed.get("reason").asText()).isEqualTo("550 5.1.1 no such user");
        assertThat(listed.get("address").asText()).matches("[0-9a-f]{64}").doesNotContain("@");
        assertThat(accepted(second)).isEmpty();

        String lift = "{\"action\":\"lift\",\"by\":\"ann\",\"address\":\"%s\"}";
        pipeline.operation("suppressions", lift.formatted(address.toUpperCase(Locale.ROOT)));
        assertThat(pipeline.operate(
                                "suppressions",
                                lift.formatted(listed.get("address").asText()))
                        .statusCode())
                .isEqualTo(404);
        pipeline.operation("deliveries/" + delivery(second), "{\"action\":\"retry\",\"by\":\"ann\"}");
        pipeline.awaitDrained();

        assertThat(accepted(second)).hasSize(1);
    }

    @Test
    void aReplyThatIsLostAfterTheMailMeansARepeatUnderTheSameMessageId() throws Exception {
        server.answer(Step.END_OF_DATA, Answer.drop(), Answer.drop());

        DomainEvent event = publish();

        assertThat(attempts(event))
                .containsExactly(new Attempt("due", null), new Attempt("due", null), new Attempt("delivered", null));
        assertThat(accepted(event))
                .hasSize(3)
                .extracting(mail -> mail.header("Message-ID"))
                .containsOnly("<%s@demo.example>".formatted(delivery(event)));
    }

    @Test
    void aServerThatTurnsEverybodyAwayForAWhileRefusesNobody() throws Exception {
        server.answer(Step.GREETING, Answer.of("421 4.3.2 busy"), Answer.drop(), Answer.of("554 5.3.2 not now"));

        DomainEvent event = publish();

        assertThat(attempts(event))
                .endsWith(new Attempt("delivered", null))
                .doesNotContain(new Attempt("failed", null));
        assertThat(accepted(event)).hasSize(1);
    }

    @Test
    void whatTheServerHoldsAgainstTheServiceUsesUpNoAttemptAndEndsByItself() throws Exception {
        server.answer(Step.GREETING, "554 5.7.1 Client host rejected");
        server.answer(Step.EHLO, "504 5.5.2 need fully-qualified hostname");
        server.answer(Step.EHLO, "504 5.5.2 need fully-qualified hostname"); // HELO is tried, too
        server.answer(Step.RCPT, "550 5.1.0 Sender denied");

        DomainEvent event = publish();

        assertThat(attempts(event)).containsExactly(new Attempt("delivered", null));
        assertThat(accepted(event)).hasSize(1);
    }

    @Test
    void theReasonIsWhatTheServerSaid() throws Exception {
        server.answer(Step.RCPT, "550 5.7.1 <ada@example.com>: not wanted");

        DomainEvent event = publish();

        assertThat(pipeline.operation("deliveries/" + delivery(event), null)
                        .at("/delivery/reason")
                        .asText())
                .isEqualTo("the SMTP server refused the recipient: 550 5.7.1 <a***@example.com>: not wanted");
    }

    @Test
    void whatHappensToOneMailHappensToNoOther() throws Exception {
        Random random = new Random(13);
        List<Answer> moods = List.of(
                Answer.of("450 4.2.1 busy"),
                Answer.of("451 4.3.0 trouble"),
                Answer.of("421 4.3.2 closing"),
                Answer.drop());
        for (Step step : List.of(Step.MAIL, Step.RCPT, Step.DATA, Step.END_OF_DATA)) {
            for (int i = 0; i < 15; i++) {
                boolean usual = random.nextInt(3) > 0;
                Answer good = Answer.of(step == Step.DATA ? "354 go ahead" : "250 ok");
                server.answer(step, usual ? good : moods.get(random.nextInt(moods.size())));
            }
        }
        List<DomainEvent> events = IntStream.range(0, 60)
                .mapToObj(n -> Events.signedUp(Events.email()))
                .toList();

        publisher.publish(events);
        pipeline.awaitDrained();

        assertThat(events).allSatisfy(event -> {
            assertThat(attempts(event)).endsWith(new Attempt("delivered", null));
            assertThat(accepted(event))
                    .extracting(mail -> mail.header("Message-ID"))
                    .containsOnly("<%s@demo.example>".formatted(delivery(event)));
        });
        assertThat(server.mails())
                .allSatisfy(mail -> assertThat(mail.recipients()).containsExactly(mail.header("To")));
        Map<String, Long> copies = server.mails().stream()
                .filter(Mail::accepted)
                .collect(Collectors.groupingBy(mail -> mail.header("To"), Collectors.counting()));
        assertThat(copies).hasSize(60);
    }

    private DomainEvent publish() throws Exception {
        return publish(Events.signedUp(Events.email()));
    }

    private DomainEvent publish(DomainEvent event) throws Exception {
        publisher.publish(event);
        pipeline.awaitDrained();
        return event;
    }

    private List<Mail> accepted(DomainEvent event) {
        return server.mails().stream()
                .filter(Mail::accepted)
                .filter(mail -> mail.recipients().contains(email(event)))
                .toList();
    }

    private static String email(DomainEvent event) {
        return ((UserSignedUp) event.data()).email();
    }

    private String delivery(DomainEvent event) {
        return jdbc.sql("SELECT CAST(id AS text) FROM event_routes.delivery WHERE event_id = ?")
                .param(event.id())
                .query(String.class)
                .single();
    }

    private List<Attempt> attempts(DomainEvent event) {
        return jdbc.sql("""
                        SELECT a.outcome, a.code
                        FROM event_routes.delivery_attempt a
                        JOIN event_routes.delivery d ON d.id = a.delivery_id
                        WHERE d.event_id = ?
                        ORDER BY a.attempt
                        """).param(event.id()).query(Attempt.class).list();
    }
}

package routes.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.FileSystemUtils;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryRecorder;
import routes.dev.Inbox;
import routes.dev.ReceivedMail;
import routes.event.DomainEvent;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.UserSignedUp;
import routes.event.EventPublisher;
import routes.event.Events;

/** Mails as their readers get them: whose they are, what they gather, and how an announcement to all is held back. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class MailIT {

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Inbox inbox;

    @Autowired
    private PositionWindow window;

    @Autowired
    private Mails mails;

    @Autowired
    private DeliveryRecorder recorder;

    @Autowired
    private PlatformTransactionManager transactions;

    @Autowired
    private CamelContext camel;

    private TestCampaign campaign;

    private final List<UUID> leased = new ArrayList<>();

    /**
     * A deployment with two SQL files of its own, one of which asks for campaigns' templates, and the other is from before mails
     * had languages; with German templates, and with a window.
     */
    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add("mail.position-window", () -> "4s");
        Path own = Path.of("target", "mail-it-sql");
        delete(own);
        copy(Path.of("examples/sql/mail"), own.resolve("mail"));
        copy(Path.of("src/main/resources/sql/mail/person.sql"), own.resolve("mail/person.sql"));
        change(own.resolve("mail/person.sql"), "(?m),\n.* AS locale .*$", "");
        registry.add("mail.templates", () -> "examples/mail");
        registry.add("sql.location", () -> own.toUri().toString());
    }

    static void delete(Path directory) {
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void change(Path file, String regex, String replacement) {
        try {
            String text = Files.readString(file);
            Files.writeString(file, text.replaceFirst(regex, replacement));
            assertThat(file).content().isNotEqualTo(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void cleanUp() throws Exception {
        camel.getRouteController().resumeRoute("due-deliveries");
        // The service would notice only after twenty seconds that no worker has them.
        leased.forEach(id -> jdbc.sql("DELETE FROM event_routes.delivery WHERE id = ?")
                .param(id)
                .update());
    }

    @Test
    void aMailIsFromItsCampaignAndCanBeUnsubscribedWithOneClick() throws Exception {
        emailConfig("""
                {"from_name": "Early\\r\\nBirds", "from_email": "hello@b\u00fccher.example",
                 "unsubscribe_url": "https://app.example/unsubscribe/{user_id}?c={campaign_slug}"}""");
        UUID person = campaign.person();

        DomainEvent event = signUp(person);

        ReceivedMail mail = mail();
        String url = "https://app.example/unsubscribe/%s?c=a-test".formatted(person);
        assertThat(mail.from()).isEqualTo("Early Birds <hello@xn--bcher-kva.example>");
        assertThat(mail.messageId()).isEqualTo("<%s@xn--bcher-kva.example>".formatted(delivery(event)));
        assertThat(mail.headers())
                .contains(
                        "Auto-Submitted: auto-generated", "Date: ", "List-Unsubscribe-Post: List-Unsubscribe=One-Click")
                .containsPattern("List-Unsubscribe:\\s+<" + java.util.regex.Pattern.quote(url) + ">");
        assertThat(mail.text()).contains(url);
        assertThat(mail.html()).contains("href=\"" + url.replace("=", "&#x3D;"));
    }

    @ParameterizedTest
    @CsvSource({"status = 'blocked', the person is blocked", "deleted_at = now(), the person has left the campaign"})
    void whoIsBlockedOrHasLeftGetsNoMail(String change, String reason) throws Exception {
        UUID person = campaign.person();
        jdbc.sql("UPDATE waitlist_users SET " + change + " WHERE id = ?")
                .param(person)
                .update();

        DomainEvent welcome = signUp(person);

        assertThat(outcomes(List.of(welcome))).containsExactly("skipped: " + reason);
        assertThat(inbox.list()).isEmpty();
    }

    @Test
    void aDeploymentsSqlThatKnowsNoLanguagesWorksAsBefore() throws Exception {
        emailConfig("{\"locale\": \"de\"}");

        signUp(campaign.person());

        assertThat(mail().subject()).isEqualTo("Welcome to A test");
        assertThat(mail().headers()).contains("Content-Language: en");
    }

    @Test
    void anUnsubscribeUrlThatIsNoHttpsIsLeftOut() throws Exception {
        emailConfig("{\"unsubscribe_url\": \"http://app.example/unsubscribe\"}");

        signUp(campaign.person());

        assertThat(mail().headers()).doesNotContain("List-Unsubscribe");
        assertThat(mail().from()).isEqualTo("Demo Campaign <hello@demo.example>");
    }

    @Test
    void aCampaignsOwnTemplateIsUsedAndOneThatIsWrongFailsWithTheReason() throws Exception {
        emailConfig("{\"templates\": {\"user.signed_up\": {\"subject\": \"Ahoy {{email}}\"}}}");
        UUID person = campaign.person();
        signUp(person);
        assertThat(mail().subject()).isEqualTo("Ahoy " + email(person));
        assertThat(mail().text()).contains("Thank you for joining A test");

        emailConfig("{\"templates\": {\"user.signed_up\": {\"html\": \"{{frist_name}}\"}}}");
        DomainEvent wrong = signUp(campaign.person());

        assertThat(outcomes(List.of(wrong))).singleElement().satisfies(outcome -> assertThat(outcome)
                .startsWith("failed: the campaign's own template: user.signed_up/body.html.mustache, line 1")
                .contains("write one of campaign_name"));
    }

    @Test
    void positionUpdatesWithinAWindowAreOneMailAndSayTheSameWhenItIsSentAgain() throws Exception {
        UUID referrer = campaign.person();
        UUID other = campaign.person();
        count(referrer, 3);
        count(other, 1);
        List<DomainEvent> events = List.of(verified(referrer), verified(referrer), verified(referrer));

        publisher.publish(events);
        publisher.publish(verified(other));
        pipeline.awaitDrained();

        assertThat(inbox.list())
                .extracting(ReceivedMail::to, ReceivedMail::subject)
                .containsExactlyInAnyOrder(
                        tuple(email(referrer), "3 friends verified, you are now 7th"),
                        tuple(email(other), "A friend joined: your position is now 9"));
        ReceivedMail digest = mailTo(referrer);
        assertThat(digest.text()).contains("Your position now: 7", "Before: 10", "3 people you invited");
        assertThat(digest.html()).contains("Up from 10");
        String first = jdbc.sql("SELECT idempotency_key FROM event_routes.delivery WHERE id = ?")
                .param(UUID.fromString(digest.messageId().substring(1, 37)))
                .query(String.class)
                .single();
        assertThat(outcomes(events))
                .containsExactlyInAnyOrder(
                        "delivered: null", "skipped: in the mail of " + first, "skipped: in the mail of " + first);

        count(referrer, 5);
        publisher.publish(List.of(verified(referrer)));
        pipeline.awaitDrained();
        assertThat(mailTo(referrer).subject()).as("a window of its own").startsWith("A friend joined");

        inbox.clear();
        jdbc.sql("UPDATE event_routes.delivery SET status = 'due', due_at = now() WHERE idempotency_key = ?")
                .param(first)
                .update();
        pipeline.awaitDrained();
        assertThat(mail().subject()).isEqualTo("3 friends verified, you are now 5th");
        assertThat(mail().messageId()).isEqualTo(digest.messageId());
    }

    /** The event may be handled before the positions are recalculated. */
    @Test
    void aPositionUpdateSaysThePositionThatIsComputedAndNotThatOfTheRow() throws Exception {
        UUID referrer = campaign.person();
        count(referrer, 1);
        jdbc.sql("UPDATE waitlist_users SET position = 99 WHERE id = ?")
                .param(referrer)
                .update();

        assertThat(mails.positionUpdate(leased(referrer)).getSubject())
                .startsWith("A friend joined: your position is now ")
                .doesNotContain("99");
    }

    /** The mail has counted its referrals by then. */
    @Test
    void whoComesWhileTheMailOfAWindowIsBeingSentOpensTheNext() {
        UUID referrer = campaign.person();
        Delivery leader = leased(referrer);
        assertThatThrownBy(() -> window.gather(leader)).isInstanceOf(DeliveryException.Later.class);
        jdbc.sql("UPDATE event_routes.position_window SET closes_at = now() WHERE delivery_id = ?")
                .param(leader.id())
                .update();
        assertThat(window.gather(leader)).isSameAs(leader);

        Delivery next = leased(referrer);

        assertThatThrownBy(() -> window.gather(next)).isInstanceOf(DeliveryException.Later.class);
        assertThat(window.friends(leader)).isEqualTo(1);
    }

    /** The database's clock was a day ahead when the window opened, and has been set back. */
    @Test
    void aWindowIsNeverOpenForLongerThanItsLength() {
        Delivery leader = leased(campaign.person());
        assertThatThrownBy(() -> window.gather(leader)).isInstanceOf(DeliveryException.Later.class);
        jdbc.sql("UPDATE event_routes.position_window SET closes_at = now() + interval '1 day' WHERE delivery_id = ?")
                .param(leader.id())
                .update();

        assertThat(window.gather(leader)).isSameAs(leader);
    }

    @Test
    void ofTwoThatComeAtOnceTheSecondWaitsUntilItSeesTheWindowOfTheFirst() {
        UUID referrer = campaign.person();
        Delivery first = leased(referrer);
        Delivery second = leased(referrer);

        CompletableFuture<Throwable> gathered = new TransactionTemplate(transactions).execute(status -> {
            assertThatThrownBy(() -> window.gather(first)).isInstanceOf(DeliveryException.Later.class);
            CompletableFuture<Throwable> other =
                    CompletableFuture.supplyAsync(() -> catchThrowable(() -> window.gather(second)));
            await().until(() -> other.isDone() || somebodyWaitsForAnAdvisoryLock());
            return other;
        });

        assertThat(gathered.join()).isInstanceOf(DeliveryException.Skipped.class);
    }

    private boolean somebodyWaitsForAnAdvisoryLock() {
        return jdbc.sql("SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                .query(Boolean.class)
                .single();
    }

    /** A position update that no worker has, although the ledger says so. */
    private Delivery leased(UUID referrer) {
        Delivery delivery = recorder.record("email-workers", List.of(verified(referrer)), (event, reason) -> {
                    throw new AssertionError(reason);
                })
                .get(0);
        leased.add(delivery.id());
        return delivery;
    }

    @Test
    void whatIsInAMailThatFailsForGoodHasFailedToAndIsToldOfWhenItIsTriedAgain() throws Exception {
        emailConfig("{\"templates\": {\"referral.verified\": {\"subject\": \"{{wrong}}\"}}}");
        UUID referrer = campaign.person();
        count(referrer, 3);
        DomainEvent first = verified(referrer);
        publisher.publish(first);
        await().until(() -> outcomes(List.of(first)).equals(List.of("due: waits for more referrals")));
        List<DomainEvent> others = List.of(verified(referrer), verified(referrer));
        publisher.publish(others);
        pipeline.awaitDrained();

        assertThat(outcomes(List.of(first)))
                .singleElement()
                .asString()
                .startsWith("failed: the campaign's own template");
        assertThat(outcomes(others)).hasSize(2).allSatisfy(outcome -> assertThat(outcome)
                .startsWith("failed: in the mail of ")
                .contains(", which is failed: the campaign's own template"));

        emailConfig("{}");
        retry(others.get(0));
        assertThat(mail().subject()).startsWith("2 friends verified");
        assertThat(outcomes(others))
                .anyMatch(outcome -> outcome.startsWith("delivered"))
                .anyMatch(outcome -> outcome.matches("skipped: in the mail of [^,]*"));

        inbox.clear();
        retry(first);
        assertThat(mail().subject()).startsWith("A friend joined");
    }

    private void retry(DomainEvent event) throws Exception {
        pipeline.operation("deliveries/" + delivery(event), "{\"action\":\"retry\",\"by\":\"ann\"}");
        pipeline.awaitDrained();
    }

    @Test
    void anAddressWithWhiteSpaceAroundItIsWrittenToWithout() throws Exception {
        UUID person = campaign.person();
        String email = email(person);
        jdbc.sql("UPDATE waitlist_users SET email = ? WHERE id = ?")
                .params("\ufeff\u00a0 " + email + "\u3000\t", person)
                .update();

        signUp(person);

        assertThat(mail().to()).isEqualTo(email);
    }

    @Test
    void theReasonOfAnAddressThatNoServerTakesNamesTheEventWhereThereIsNoRow() throws Exception {
        DomainEvent event =
                Events.of(new UserSignedUp(Events.id(), campaign.id().toString(), "ada@example..com"));
        publisher.publish(event);

        await().untilAsserted(() -> assertThat(outcomes(List.of(event)))
                .containsExactly("failed: the mail address of the event cannot be used:"
                        + " it is not an email address (RFC 5321, section 4.1.2)"));
    }

    @Test
    void aWindowWhoseFirstMailWasCancelledTakesNobodyIn() throws Exception {
        UUID referrer = campaign.person();
        count(referrer, 1);
        DomainEvent first = verified(referrer);
        publisher.publish(first);
        await().until(() -> outcomes(List.of(first)).equals(List.of("due: waits for more referrals")));
        pipeline.operation(
                "deliveries/" + delivery(first), "{\"action\":\"cancel\",\"by\":\"ann\",\"reason\":\"a test\"}");

        publisher.publish(List.of(verified(referrer)));
        pipeline.awaitDrained();

        assertThat(mail().subject()).startsWith("A friend joined");
    }

    @Test
    void aFanOutIsPausedResumedAndTellsHowFarItHasCome() throws Exception {
        UUID fanOut = fanOut(30);
        assertThat(pipeline.operation("fanouts", null).at("/fanouts/0/id").asText())
                .isEqualTo(fanOut.toString());

        assertThat(change(fanOut, "pause").get("mails").asInt()).isEqualTo(30);
        camel.getRouteController().resumeRoute("due-deliveries");
        signUp(campaign.person());
        assertThat(inbox.list()).as("others go on").hasSize(1);
        assertThat(show(fanOut).at("/counts/held").asInt()).isEqualTo(30);

        assertThat(change(fanOut, "resume").get("mails").asInt()).isEqualTo(30);
        pipeline.awaitDrained();

        assertThat(inbox.list()).hasSize(31);
        await().untilAsserted(() ->
                assertThat(show(fanOut).at("/fanout/state").asText()).isEqualTo("done"));
        assertThat(show(fanOut).get("done").asInt()).isEqualTo(30);
        assertThat(show(fanOut).get("of").asInt()).isEqualTo(30);
        assertThat(audited(fanOut)).containsExactly("fanouts.pause", "fanouts.resume");
        assertThat(pipeline.changes(fanOut))
                .containsExactly(
                        "paused, announcement paused by operator", "running, announcement resumed by operator");
    }

    @Test
    void aFanOutThatTakesLongToCountIsNotCountedEachTimeSomebodyLooks() throws Exception {
        UUID fanOut = fanOut(3);
        show(fanOut);
        jdbc.sql("UPDATE event_routes.fan_out SET counted_until = now() + interval '1 hour' WHERE delivery_id = ?")
                .param(fanOut)
                .update(); // as if that had taken three minutes
        JsonNode before = show(fanOut);
        jdbc.sql("UPDATE event_routes.delivery SET status = 'failed' WHERE campaign_id = ? AND recipient <> ''")
                .param(campaign.id().toString())
                .update();

        assertThat(show(fanOut)).isEqualTo(before);
        assertThat(before.at("/counts/due").asInt()).isEqualTo(3);

        change(fanOut, "cancel");

        assertThat(show(fanOut).at("/counts/failed").asInt())
                .as("a change counts")
                .isEqualTo(3);
    }

    @Test
    void whatIsInHandOfAPausedFanOutIsNotSent() throws Exception {
        UUID fanOut = fanOut(3);
        change(fanOut, "pause");
        jdbc.sql("UPDATE event_routes.delivery SET due_at = now(), reason = NULL"
                        + " WHERE campaign_id = ? AND recipient <> ''")
                .param(campaign.id().toString())
                .update(); // as an operator who tries them again, or an instance that had taken them already

        camel.getRouteController().resumeRoute("due-deliveries");

        await().untilAsserted(() -> assertThat(reasons())
                .containsExactly("paused by operator", "paused by operator", "paused by operator"));
        assertThat(inbox.list()).isEmpty();
        assertThat(jdbc.sql("SELECT sum(attempts) FROM event_routes.delivery WHERE campaign_id = ? AND recipient <> ''")
                        .param(campaign.id().toString())
                        .query(Integer.class)
                        .single())
                .isZero();
        change(fanOut, "cancel");
    }

    /** Only the announcement says whether it is paused or cancelled. */
    @Test
    void aMailWhoseAnnouncementIsGoneIsNotSent() throws Exception {
        UUID fanOut = fanOut(3);
        jdbc.sql("DELETE FROM event_routes.delivery WHERE id = ?").param(fanOut).update();

        camel.getRouteController().resumeRoute("due-deliveries");

        String gone = "the announcement is no longer in the ledger, and may have been paused or cancelled";
        await().untilAsserted(() -> assertThat(reasons()).containsExactly(gone, gone, gone));
        assertThat(inbox.list()).isEmpty();
        pipeline.awaitDrained();
    }

    @Test
    void theRestOfACancelledFanOutIsSkippedAndItStaysSo() throws Exception {
        UUID fanOut = fanOut(30);

        assertThat(change(fanOut, "cancel").get("mails").asInt()).isEqualTo(30);
        camel.getRouteController().resumeRoute("due-deliveries");
        pipeline.awaitDrained();

        assertThat(inbox.list()).isEmpty();
        assertThat(reasons()).hasSize(30).containsOnly("the announcement was cancelled");
        assertThat(show(fanOut).at("/counts/skipped").asInt()).isEqualTo(30);
        assertThat(pipeline.operate("fanouts/" + fanOut, "{\"action\":\"resume\",\"by\":\"ann\"}")
                        .statusCode())
                .isEqualTo(409);
    }

    /** An erasure finds the operator's text with the announcement, and could not look for it in each of a million mails. */
    @Test
    void whyAFanOutWasCancelledIsKeptOnceAndNamesNoAddress() throws Exception {
        UUID fanOut = fanOut(2);

        pipeline.operation(
                "fanouts/" + fanOut,
                "{\"action\":\"cancel\",\"by\":\"ann\",\"reason\":\"asked for by grace@example.com\"}");

        assertThat(jdbc.sql("SELECT because FROM event_routes.fan_out WHERE delivery_id = ?")
                        .param(fanOut)
                        .query(String.class)
                        .single())
                .isEqualTo("cancelled by operator: asked for by g***@example.com");
        assertThat(reasons()).containsExactly("the announcement was cancelled", "the announcement was cancelled");
        assertThat(show(fanOut).at("/fanout/because").asText())
                .isEqualTo("cancelled by operator: asked for by g***@example.com");
    }

    @Test
    void whatWasSentOfAFanOutIsLeftAloneWhenItIsCancelled() throws Exception {
        UUID fanOut = fanOut(5);
        jdbc.sql("""
                        UPDATE event_routes.delivery SET due_at = now() + interval '1 hour' WHERE id IN (
                            SELECT id FROM event_routes.delivery
                            WHERE campaign_id = ? AND recipient <> '' ORDER BY recipient LIMIT 3)
                        """).param(campaign.id().toString()).update();
        camel.getRouteController().resumeRoute("due-deliveries");
        await().untilAsserted(() ->
                assertThat(show(fanOut).at("/counts/delivered").asInt()).isEqualTo(2));

        assertThat(change(fanOut, "cancel").get("mails").asInt()).isEqualTo(3);

        assertThat(show(fanOut).at("/counts/delivered").asInt()).isEqualTo(2);
        assertThat(show(fanOut).at("/counts/skipped").asInt()).isEqualTo(3);
        assertThat(inbox.list()).hasSize(2);
    }

    /** Expands a milestone to this many people; nothing of it is sent until due-deliveries runs again. */
    private UUID fanOut(int people) throws Exception {
        for (int i = 0; i < people; i++) {
            campaign.person();
        }
        camel.getRouteController().suspendRoute("due-deliveries");
        DomainEvent event = Events.of(new CampaignMilestoneReached(campaign.id().toString(), Events.id(), 1000));
        publisher.publish(event);
        await().untilAsserted(() -> assertThat(outcomes(List.of(event)))
                .contains("delivered: one mail each to %d people".formatted(people)));
        return jdbc.sql("SELECT id FROM event_routes.delivery WHERE event_id = ? AND recipient = ''")
                .param(event.id())
                .query(UUID.class)
                .single();
    }

    private JsonNode change(UUID fanOut, String action) throws Exception {
        return pipeline.operation(
                "fanouts/" + fanOut, "{\"action\":\"%s\",\"by\":\"ann\",\"reason\":\"a test\"}".formatted(action));
    }

    private JsonNode show(UUID fanOut) throws Exception {
        return pipeline.operation("fanouts/" + fanOut, null);
    }

    private List<String> audited(UUID fanOut) {
        return jdbc.sql("SELECT operation FROM event_routes.audit WHERE arguments ->> 'id' = ? ORDER BY id")
                .param(fanOut.toString())
                .query(String.class)
                .list();
    }

    private List<String> reasons() {
        return jdbc.sql("SELECT reason FROM event_routes.delivery WHERE campaign_id = ? AND recipient <> ''")
                .param(campaign.id().toString())
                .query(String.class)
                .list();
    }

    private void emailConfig(String json) {
        jdbc.sql("UPDATE campaigns SET email_config = CAST(? AS jsonb) WHERE id = ?")
                .params(json, campaign.id())
                .update();
    }

    private void count(UUID referrer, int verified) {
        jdbc.sql("UPDATE waitlist_users SET verified_referral_count = ? WHERE id = ?")
                .params(verified, referrer)
                .update();
    }

    private DomainEvent verified(UUID referrer) {
        return Events.of(new ReferralVerified(
                Events.id(), referrer.toString(), Events.id(), campaign.id().toString(), 1));
    }

    private DomainEvent signUp(UUID person) throws Exception {
        DomainEvent event =
                Events.of(new UserSignedUp(person.toString(), campaign.id().toString(), Events.email()));
        publisher.publish(event);
        await().until(
                        () -> outcomes(List.of(event)),
                        outcomes -> !outcomes.isEmpty()
                                && outcomes.stream().noneMatch(outcome -> outcome.matches("(due|leased):.*")));
        return event;
    }

    private ReceivedMail mail() {
        assertThat(inbox.list()).isNotEmpty();
        return inbox.list().get(0);
    }

    private ReceivedMail mailTo(UUID person) {
        return inbox.list().stream()
                .filter(mail -> mail.to().equals(email(person)))
                .findFirst()
                .orElseThrow();
    }

    private String email(UUID person) {
        return campaign.address(person);
    }

    private UUID delivery(DomainEvent event) {
        return jdbc.sql("SELECT id FROM event_routes.delivery"
                        + " WHERE event_id = ? AND recipient = '' AND consumer_group = 'email-workers'")
                .param(event.id())
                .query(UUID.class)
                .single();
    }

    private List<String> outcomes(List<DomainEvent> events) {
        List<String> outcomes = new ArrayList<>();
        for (DomainEvent event : events) {
            outcomes.addAll(jdbc.sql("SELECT status || ': ' || coalesce(reason, 'null') FROM event_routes.delivery"
                            + " WHERE event_id = ? AND recipient = '' AND consumer_group = 'email-workers'")
                    .param(event.id())
                    .query(String.class)
                    .list());
        }
        return outcomes;
    }
}

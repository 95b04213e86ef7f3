package routes.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import routes.console.Announcements.Announcement;
import routes.console.Attention.Need;
import routes.consumer.ConsumerOperations.Status;
import routes.consumer.Lags;
import routes.deadletter.OpenLetters;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.Dependencies;
import routes.delivery.OutcomesHealth;
import routes.event.EventType;
import routes.history.History.Step;
import routes.mail.announcement.AnnouncementOperations.FanOut;
import routes.mail.report.MailboxTrouble;
import routes.operation.Page;
import routes.outbox.Outbox;
import routes.outbox.Outbox.Backlog;
import routes.outbox.OutboxHealth;
import routes.webhook.WebhookLanes;
import routes.webhook.WebhookOperations;
import routes.webhook.WebhookOperations.Registered;
import routes.webhook.WebhookOperations.Webhook;

class AttentionTest {

    private static final ConsumerGroup GROUP = ConsumerGroup.of("email-workers", 10, EventType.USER_SIGNED_UP);

    private final ConsumerGroups groups = mock();
    private final Dependencies dependencies = mock();
    private final Lags lags = mock();
    private final OpenLetters letters = mock();
    private final MailboxTrouble mailbox = mock();
    private final WebhookOperations webhooks = mock();
    private final Outbox outbox = mock();
    private final OutboxHealth relay = mock();
    private final OutcomesHealth outcomes = mock();
    private final MeterRegistry metrics = new SimpleMeterRegistry();

    @BeforeEach
    void allIsWell() {
        given(groups.get("email-workers")).willReturn(GROUP);
        given(dependencies.away()).willReturn(List.of());
        given(dependencies.missing(any())).willReturn(Optional.empty());
        given(lags.failure()).willReturn(Optional.empty());
        given(mailbox.reason()).willReturn(Optional.empty());
        given(relay.heldBecause()).willReturn(Optional.empty());
        given(outcomes.heldBecause()).willReturn(Optional.empty());
        given(letters.of(any())).willReturn(OptionalLong.of(0));
        given(outbox.backlog()).willReturn(new Backlog(40, 0, 1, 0));
        given(webhooks.find(any(), any(), anyInt(), any())).willReturn(new Page<>("webhooks", List.of(), null));
    }

    @Test
    void nothingIsNeededWhileAllIsWell() {
        assertThat(known("ok", null)).isEmpty();
        assertThat(known("unknown", "the brokers have not been asked yet")).isEmpty();
        assertThat(attention().inTables(List.of())).isEmpty();
    }

    @Test
    void aMailboxThatCannotBeReadIsTold() {
        given(mailbox.reason()).willReturn(Optional.of("AuthenticationFailedException: LOGIN failed"));

        assertThat(known("ok", null))
                .containsExactly(new Need(
                        false,
                        "The bounce mailbox cannot be read: bounces and complaints wait in it"
                                + " (AuthenticationFailedException: LOGIN failed)",
                        "/suppressions",
                        "What was reported before"));
    }

    @Test
    void aGroupThatDoesNotWorkIsNamedWithItsReason() {
        assertThat(known("stalled", "its consumer has not polled for 40 s"))
                .containsExactly(new Need(
                        true,
                        "email-workers is stalled: its consumer has not polled for 40 s",
                        "/groups#email-workers",
                        "Details"));
        assertThat(known("slow", null))
                .extracting(Need::says)
                .containsExactly("email-workers falls behind: its lag grows");
    }

    @Test
    void whatWaitsForADependencyIsToldOnce() {
        given(dependencies.away()).willReturn(List.of("smtp"));
        given(dependencies.missing(GROUP)).willReturn(Optional.of("smtp"));

        assertThat(known("held", "smtp is unavailable"))
                .extracting(Need::says)
                .containsExactly("The SMTP server is unavailable: what needs it waits, and continues when it is back");
    }

    @Test
    void brokersThatDoNotAnswerAreToldOnceWithTheReason() {
        given(lags.failure()).willReturn(Optional.of("Timed out waiting for a node assignment"));
        given(relay.heldBecause()).willReturn(Optional.of("row 7 has been first in line for 61 s"));

        assertThat(known("unknown", "its lag is unknown: Timed out waiting for a node assignment"))
                .containsExactly(new Need(
                        true,
                        "The brokers do not say how far the groups have read (Timed out waiting for a node assignment):"
                                + " while they are down, nothing is read or published",
                        "/observe/health",
                        "Health"));
    }

    @Test
    void anOutboxThatIsHeldUpIsToldUnlessTheDatabaseIsTheReason() {
        given(relay.heldBecause()).willReturn(Optional.of("row 7 has been first in line for 61 s"));
        assertThat(known("ok", null))
                .containsExactly(new Need(
                        true,
                        "The outbox is held up: row 7 has been first in line for 61 s",
                        "/observe/health/outbox",
                        "Health"));

        given(dependencies.away()).willReturn(List.of("database"));
        assertThat(known("ok", null))
                .extracting(Need::says)
                .singleElement()
                .asString()
                .startsWith("The database");
    }

    @Test
    void outcomesThatNobodyHearsOfAreToldUnlessTheBrokersAreTheReason() {
        given(outcomes.heldBecause()).willReturn(Optional.of("the route outcomes is stopped on this instance"));
        assertThat(known("ok", null))
                .containsExactly(new Need(
                        true,
                        "The relay of outcomes is held up: the route outcomes is stopped on this instance",
                        "/observe/health/outcomes",
                        "Health"));

        given(lags.failure()).willReturn(Optional.of("Timed out waiting for a node assignment"));
        assertThat(known("ok", null))
                .extracting(Need::says)
                .singleElement()
                .asString()
                .startsWith("The brokers");
    }

    @Test
    void mailsThatGoThroughTheSecondServerAreToldAndNoTrouble() {
        given(dependencies.away()).willReturn(List.of("smtp-first"));

        assertThat(known("ok", null))
                .extracting(Need::bad, Need::says)
                .containsExactly(tuple(
                        false, "The first SMTP server is unavailable: mails go through the second until it is back"));

        given(dependencies.away()).willReturn(List.of("smtp", "smtp-first", "smtp-second"));
        assertThat(known("ok", null))
                .extracting(Need::bad, Need::says)
                .containsExactly(tuple(
                        true, "The SMTP server is unavailable: what needs it waits, and continues when it is back"));
    }

    @Test
    void deliveriesAndDeadLettersLeadToWhereTheyAreMended() {
        metrics.gauge("deliveries", Tags.of("group", "email-workers", "status", "failed"), 17);
        metrics.gauge("deliveries", Tags.of("group", "email-workers", "status", "manual"), 1);
        metrics.gauge("deliveries", Tags.of("group", "email-workers", "status", "due"), 5_000);
        given(letters.of("email-workers")).willReturn(OptionalLong.of(2));

        assertThat(known("ok", null))
                .extracting(Need::says, Need::href)
                .containsExactly(
                        tuple(
                                "17 deliveries of email-workers failed, and will not be retried",
                                "/deliveries?group=email-workers&status=failed"),
                        tuple(
                                "2 dead letters of email-workers: records that are not valid events",
                                "/deadletters?group=email-workers"),
                        tuple(
                                "1 delivery of email-workers to be handed over by a person",
                                "/deliveries?group=email-workers&status=manual"));
    }

    @Test
    void aGroupMostOfWhoseAttemptsFailIsToldBeforeAnythingHasFailedForGood() {
        given(groups.all()).willReturn(List.of(GROUP));
        Instant now = Instant.parse("2026-01-01T12:00:00Z");
        Step down = step(now.minusSeconds(120), 3, 40);
        assertThat(attention().repeated(Map.of("email-workers", List.of(down)), now))
                .as("nothing waits for its next attempt any more")
                .isEmpty();
        metrics.gauge("deliveries", Tags.of("group", "email-workers", "status", "retrying"), 12);

        assertThat(attention().repeated(Map.of("email-workers", List.of(down)), now))
                .containsExactly(new Need(
                        false,
                        "12 deliveries of email-workers failed, and will be tried again",
                        "/deliveries?group=email-workers&status=due",
                        "See why"));
        assertThat(attention().repeated(Map.of(), now))
                .as("the pause before the next attempt is longer than a while")
                .hasSize(1);
        assertThat(attention()
                        .repeated(Map.of("email-workers", List.of(down, step(now.minusSeconds(60), 400, 2))), now))
                .as("a few fail beside many that do not")
                .isEmpty();
        assertThat(attention().repeated(Map.of("email-workers", List.of(step(now.minusSeconds(1_200), 400, 0))), now))
                .as("what was long ago does not count")
                .hasSize(1);
    }

    private static Step step(Instant from, int delivered, int retry) {
        return new Step(from, List.of(delivered, 0, 0, 0, retry), 0L, mock());
    }

    @Test
    void invalidRowsOfTheOutboxAreTold() {
        given(outbox.backlog()).willReturn(new Backlog(40, 1, 1, 0));

        assertThat(known("ok", null))
                .extracting(Need::says)
                .containsExactly("1 invalid row in the outbox, to be corrected or dropped");
    }

    @Test
    void whatIsUnknownIsNotTold() {
        metrics.gauge("deliveries", Tags.of("group", "email-workers", "status", "failed"), Double.NaN);
        given(letters.of("email-workers")).willReturn(OptionalLong.empty());

        assertThat(known("ok", null)).isEmpty();
    }

    @Test
    void whatIsUnknownIsCounted() {
        given(groups.all()).willReturn(List.of(GROUP));
        given(letters.of("email-workers")).willReturn(OptionalLong.empty());
        metrics.gauge("deliveries", Tags.of("group", "email-workers", "status", "failed"), Double.NaN);
        assertThat(attention().unknown()).as("failed, manual, dead letters").isEqualTo(3);

        given(letters.of("email-workers")).willReturn(OptionalLong.of(7));
        metrics.gauge("deliveries", Tags.of("group", "email-workers", "status", "manual"), 0);
        assertThat(attention().unknown()).isEqualTo(1);
    }

    @Test
    void disabledWebhooksAndPausedAnnouncementsAreInTheTables() {
        UUID id = UUID.randomUUID();
        Registered webhook = new Registered(
                id,
                id,
                "https://shop.example/hooks",
                "active",
                null,
                15,
                null,
                90,
                Instant.now(),
                "it answered 410 Gone",
                15);
        given(webhooks.find(null, "disabled", 20, null))
                .willReturn(new Page<>(
                        "webhooks", List.of(new Webhook(webhook, new WebhookLanes.Live("open", 0, 0, 1, null))), null));
        List<Announcement> latest = List.of(announcement(id, "paused", true), announcement(id, "running", false));

        assertThat(attention().inTables(latest))
                .extracting(Need::says, Need::href)
                .containsExactly(
                        tuple(
                                "The webhook https://shop.example/hooks is disabled (it answered 410 Gone): its rewards fail",
                                "/webhooks/" + id),
                        tuple(
                                "An announcement is paused: 77 of 1,234 mails are done",
                                "/progress/announcements/" + id));
    }

    private static Announcement announcement(UUID id, String state, boolean paused) {
        return new Announcement(
                new FanOut(id, "campaign", "key", 1_234, state, null, Instant.now(), null),
                77,
                1_234,
                6,
                List.of(),
                false,
                !paused,
                paused);
    }

    private List<Need> known(String verdict, @Nullable String because) {
        return attention()
                .known(List.of(new Status(
                        "email-workers",
                        List.of(),
                        verdict,
                        because,
                        0L,
                        0.0,
                        List.of(),
                        "started",
                        "started",
                        10,
                        0,
                        0,
                        100,
                        null,
                        0.1)));
    }

    private Attention attention() {
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        beans.addBean("mailbox", mailbox);
        beans.addBean("webhooks", webhooks);
        beans.addBean("outbox", outbox);
        beans.addBean("relay", relay);
        beans.addBean("outcomes", outcomes);
        return new Attention(
                groups,
                dependencies,
                lags,
                letters,
                beans.getBeanProvider(MailboxTrouble.class),
                beans.getBeanProvider(WebhookOperations.class),
                beans.getBeanProvider(Outbox.class),
                beans.getBeanProvider(OutboxHealth.class),
                beans.getBeanProvider(OutcomesHealth.class),
                metrics);
    }
}

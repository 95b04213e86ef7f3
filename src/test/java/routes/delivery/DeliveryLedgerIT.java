package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.UnitOfWorkHelper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import routes.OnPlatform;
import routes.RefusingTrigger;
import routes.event.DomainEvent;
import routes.event.EventData.ReferralVerified;
import routes.event.EventJson;
import routes.event.EventType;
import routes.event.Events;
import routes.settings.Statements;

/** The ledger on PostgreSQL, for a group that no route consumes and whose due deliveries nobody polls. */
@OnPlatform
class DeliveryLedgerIT {

    private static final String GROUP = "ledger-test";
    private static final UUID ANOTHER_INSTANCE = UUID.randomUUID();

    @Autowired
    private DeliveryLedger ledger;

    @Autowired
    private DeliveryRecorder recorder;

    @Autowired
    private LedgerUpkeep upkeep;

    @Autowired
    private Instance instance;

    @Autowired
    private DeliverySettings settings;

    @Autowired
    private CamelContext camel;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private DataSource database;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private Statements sql;

    record Row(
            String status,
            @Nullable String reason,
            int attempts,
            int lease,
            @Nullable UUID leaseOwner) {}

    @AfterEach
    void forget() {
        jdbc.sql("DELETE FROM event_routes.delivery WHERE consumer_group = ?")
                .param(GROUP)
                .update();
        jdbc.sql("DELETE FROM event_routes.instance WHERE id = ?")
                .param(ANOTHER_INSTANCE)
                .update();
    }

    @Test
    void whatWasDoneLongAgoIsForgottenAndNothingThatWaitsForAPerson() {
        Delivery old = finished(Outcome.delivered(), 91);
        Delivery skipped = finished(new Outcome(DeliveryStatus.SKIPPED, "left", null, null), 91);
        Delivery failed = finished(Outcome.failed("for good"), 91);
        Delivery failedLongAgo = finished(Outcome.failed("for good"), 366);
        Delivery manual = finished(Outcome.manual("waits for a person"), 1000);
        Delivery recent = finished(Outcome.delivered(), 89);
        Delivery underWay = recorded();
        age(underWay, 91);

        assertThat(justStarted().purge()).as("there is more").isFalse();

        assertThat(jdbc.sql("SELECT id FROM event_routes.delivery WHERE consumer_group = ?")
                        .param(GROUP)
                        .query(UUID.class)
                        .list())
                .containsExactlyInAnyOrder(failed.id(), manual.id(), recent.id(), underWay.id())
                .doesNotContain(skipped.id(), failedLongAgo.id());
        assertThat(jdbc.sql("SELECT count(*) FROM event_routes.delivery_attempt WHERE delivery_id = ?")
                        .param(old.id())
                        .query(Long.class)
                        .single())
                .isZero();
    }

    /** Each instance deletes the rows of all groups, and what it deletes too early a replay repeats. */
    @Test
    void whatAnotherInstanceKeepsForLongerIsKept() {
        Delivery old = finished(Outcome.delivered(), 91);
        heartbeatOfTheOther(Duration.ofDays(200));

        upkeep.purge();
        assertThat(exists(old)).isTrue();

        jdbc.sql("UPDATE event_routes.instance SET purge_after = NULL WHERE id = ?") // of an earlier version
                .param(ANOTHER_INSTANCE)
                .update();
        upkeep.purge();
        assertThat(exists(old)).isFalse();
    }

    private boolean exists(Delivery delivery) {
        return jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE id = ?")
                        .param(delivery.id())
                        .query(Integer.class)
                        .single()
                > 0;
    }

    @Test
    void whatTookLongToEndIsKeptAsLongAsWhatTookNone() {
        Delivery slow = recorded();
        ledger.finish(begin(slow), Outcome.delivered());
        jdbc.sql("UPDATE event_routes.delivery SET created_at = now() - interval '100 days' WHERE id = ?")
                .param(slow.id())
                .update();

        justStarted().purge();

        assertThat(row(slow).status()).isEqualTo("delivered");
    }

    @Test
    void nothingIsDeletedForItsAgeWhileTheClocksDisagree() {
        for (Duration apart : List.of(Duration.ofMinutes(61), Duration.ofMinutes(-61))) {
            assertThat(clockIs(apart).knowsTheTime()).isFalse();
        }
        for (Duration apart : List.of(Duration.ofMinutes(59), Duration.ofMinutes(-59))) {
            assertThat(clockIs(apart).knowsTheTime()).isTrue();
        }
    }

    private LedgerUpkeep clockIs(Duration apart) {
        return new LedgerUpkeep(sql, instance, settings, 0, System::nanoTime, () -> Instant.now()
                .plus(apart));
    }

    /** The server's reply quotes the address, and may have bytes that PostgreSQL takes in no text. */
    @Test
    void whyAnAttemptDidNotTakePlaceIsSaidWithoutAddresses() {
        Delivery begun = begin(recorded());

        ledger.finish(
                begun, Outcome.of(new DeliveryException.Later("554 <ada@example.com>: denied \u0000", Duration.ZERO)));

        assertThat(row(begun).reason()).contains("a***@example.com").doesNotContain("ada@");
        assertThat(row(begun).attempts()).isZero();
    }

    /** Each row is looked at once in a while, and at once by who has just started. */
    private LedgerUpkeep justStarted() {
        return new LedgerUpkeep(sql, instance, settings);
    }

    /** Of a ledger with millions of failed deliveries most looks would read them all. */
    @Test
    void whatWasKeptIsNotLookedAtAgainEachTime() {
        AtomicLong clock = new AtomicLong();
        LedgerUpkeep purging = new LedgerUpkeep(sql, instance, settings, 0, clock::get, InstantSource.system());
        Delivery failed = finished(Outcome.failed("for good"), 91);
        purging.purge();
        jdbc.sql("UPDATE event_routes.delivery SET status = 'delivered' WHERE id = ?")
                .param(failed.id())
                .update();

        purging.purge();
        assertThat(row(failed).status()).as("older than what a pass has kept").isEqualTo("delivered");

        clock.addAndGet(Duration.ofDays(1).toNanos());
        purging.purge();
        assertThat(jdbc.sql("SELECT FROM event_routes.delivery WHERE id = ?")
                        .param(failed.id())
                        .query()
                        .listOfRows())
                .as("a pass over all")
                .isEmpty();
    }

    /** After a pause of this process, another may have taken it over and lost it again. */
    @Test
    void whatThisInstanceHasUnderTwoLeasesIsInHandUntilBothAreDone() {
        Delivery once = recorded();
        Delivery again = new Delivery(
                once.id(), GROUP, "", once.event(), once.attempt(), once.tries(), once.lease() + 1, false, false, null);
        Exchange first = new DefaultExchange(camel);
        Exchange second = new DefaultExchange(camel);

        ledger.hold(once, first);
        ledger.hold(again, second);
        done(first);
        assertThat(ledger.inHand()).contains(once.id());

        done(second);
        assertThat(ledger.inHand()).doesNotContain(once.id());
    }

    private static void done(Exchange exchange) {
        UnitOfWorkHelper.doneSynchronizations(
                exchange, exchange.getExchangeExtension().handoverCompletions());
    }

    private Delivery finished(Outcome outcome, int daysAgo) {
        Delivery delivery = recorded();
        ledger.finish(begin(delivery), outcome);
        age(delivery, daysAgo);
        return delivery;
    }

    private void age(Delivery delivery, int days) {
        jdbc.sql("UPDATE event_routes.delivery SET created_at = now() - make_interval(days => ?),"
                        + " updated_at = now() - make_interval(days => ?) WHERE id = ?")
                .params(days, days, delivery.id())
                .update();
    }

    @Test
    void whatWaitsForADependencyHasUsedUpNoAttemptAndIsDueAtOnce() {
        Delivery begun = begin(recorded());

        ledger.finish(begun, Outcome.of(new DeliveryException.Waiting("smtp", null)));

        assertThat(row(begun.id())).extracting(Row::status, Row::attempts).containsExactly("due", 0);
        List<Delivery> taken = takeDue(10);
        assertThat(taken).extracting(Delivery::id).containsExactly(begun.id());
        assertThat(begin(taken.get(0)).attempt()).isEqualTo(1);
    }

    @Test
    void whatWaitsForADependencyStaysWhileItIsDownAndIsTakenOnceItIsBack() {
        UUID waiting = due("", event(), Duration.ofSeconds(2));
        UUID inALane = dueInLane("some", Duration.ofSeconds(2));
        jdbc.sql("UPDATE event_routes.delivery SET waits_for = 'smtp' WHERE id IN (?, ?)")
                .params(waiting, inALane)
                .update();
        UUID other = due("", event(), Duration.ofSeconds(1));

        assertThat(take("take-due", "database,smtp")).containsExactly(other);
        assertThat(take("take-lanes", "database,smtp")).isEmpty();

        assertThat(take("take-due", "database")).containsExactly(waiting);
        assertThat(take("take-lanes", "database")).containsExactly(inALane);
    }

    private List<Delivery> takeDue(int limit) {
        return ledger.takeDue(GROUP, limit, DueMarks.BEGINNING).deliveries();
    }

    /** What is taken while these dependencies are down. */
    private List<UUID> take(String statement, String away) {
        return sql.of("delivery/" + statement)
                .param("group", GROUP)
                .param("owner", instance.id())
                .param("away", away)
                .param("limit", 100)
                .param("rooms", "{}")
                .param("single", DueMarks.BEGINNING.single())
                .param("fan_out", DueMarks.BEGINNING.fanOut())
                .query((row, n) -> row.getObject("id", UUID.class))
                .list();
    }

    @Test
    void whileASnapshotIsOpenASearchPassesOverNothingThatWasTakenBeforeIt() throws Exception {
        due(300, "");
        due(300, UUID.randomUUID().toString());
        try (Connection dump = database.getConnection()) {
            dump.setAutoCommit(false);
            dump.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (Statement look = dump.createStatement()) {
                look.execute("SELECT count(*) FROM event_routes.delivery");
            }
            DueMarks next = DueMarks.BEGINNING;
            for (int taken = 0; taken < 500; taken += 100) {
                TakenDue page = ledger.takeDue(GROUP, 100, next);
                next = next.after(page.last(), page.full());
            }
            DueMarks marks = next;

            assertThat(readFromIndex(() -> ledger.takeDue(GROUP, 10, DueMarks.BEGINNING)))
                    .as("from the beginning")
                    .isGreaterThan(500);
            assertThat(readFromIndex(() -> ledger.takeDue(GROUP, 10, marks)))
                    .as("from where the last one ended")
                    .isLessThan(150);
        }
    }

    /** How many entries of the index of due deliveries a search reads: those of rows that are no longer due, too. */
    private long readFromIndex(Supplier<TakenDue> search) {
        return transaction.execute(status -> {
            // A search of few rows need not use the index, and a plan may be of before.
            jdbc.sql(
                            "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
                    .update();
            long before = entriesRead();
            assertThat(search.get().deliveries()).hasSize(10);
            return entriesRead() - before;
        });
    }

    private long entriesRead() {
        return jdbc.sql("SELECT pg_stat_get_xact_tuples_returned('event_routes.delivery_due'::regclass)")
                .query(Long.class)
                .single();
    }

    @Test
    void unlessTheSettingSaysSoNobodyIsToldOfOutcomes() {
        ledger.finish(begin(recorded()), Outcome.delivered());
        ledger.finish(begin(recorded()), Outcome.failed("for good"));

        assertThat(jdbc.sql("SELECT count(*) FROM event_routes.outcome_event")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(camel.getRoute("outcomes")).isNull();
    }

    @Test
    void recordedTwiceAnEventIsToBeDoneOnce() {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);

        assertThat(record(GROUP, List.of(event))).extracting(Delivery::event).containsExactly(event);
        assertThat(record(GROUP, List.of(event))).isEmpty();
    }

    @Test
    void eventsOfABatchThatSayTheSameUnderTwoIdsAreToBeDoneOnce() {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        DomainEvent again = new DomainEvent(Events.id(), event.accountId(), event.data(), event.timestamp());

        assertThat(record(GROUP, List.of(event, again)))
                .extracting(Delivery::event)
                .containsExactly(event);
    }

    @ParameterizedTest
    @EnumSource(names = {"SKIPPED", "FAILED"})
    void whatCameToNothingIsOpenedAgainByAnotherEventThatSaysTheSameLater(DeliveryStatus nothing) {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        Delivery first = begin(record(GROUP, List.of(event)).get(0));
        ledger.finish(first, new Outcome(nothing, "the person has left the campaign", null, null));
        DomainEvent back = later(event, Duration.ofMillis(1));

        List<Delivery> opened = record(GROUP, List.of(back));

        assertThat(opened).extracting(Delivery::id, Delivery::event).containsExactly(tuple(first.id(), back));
        assertThat(row(first)).extracting(Row::status, Row::reason).containsExactly("leased", null);
        Delivery begun = begin(opened.get(0));
        assertThat(begun).extracting(Delivery::attempt, Delivery::tries).containsExactly(2, 1);
        ledger.finish(begun, Outcome.delivered());
        assertThat(row(first).status()).isEqualTo("delivered");
        assertThat(record(GROUP, List.of(later(back, Duration.ofHours(1))))).isEmpty();
    }

    /** By force a reward is delivered that had been delivered before. An event has no such force. */
    @Test
    void whatAForcedReplayHasRecordedIsOpenedAgainWithoutForce() {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        Delivery failed = begin(record(GROUP, List.of(event)).get(0));
        jdbc.sql("UPDATE event_routes.delivery SET replay_id = ? WHERE id = ?")
                .params(UUID.randomUUID(), failed.id())
                .update();
        ledger.finish(failed, Outcome.failed("refused"));

        ledger.release(record(GROUP, List.of(later(event, Duration.ofSeconds(1)))));

        assertThat(takeDue(1)).singleElement().satisfies(taken -> assertThat(taken.forced())
                .isFalse());
    }

    /** An event that is read again after a crash, or replayed, is a duplicate and reopens nothing. */
    @Test
    void neitherTheSameEventNorAnEarlierOneOpensAnythingAgain() {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        Delivery delivery = begin(record(GROUP, List.of(event)).get(0));
        ledger.finish(delivery, new Outcome(DeliveryStatus.FAILED, "refused", null, null));

        assertThat(record(GROUP, List.of(event))).isEmpty();
        assertThat(record(GROUP, List.of(later(event, Duration.ofSeconds(-1))))).isEmpty();
        assertThat(offerMissing(later(event, Duration.ofSeconds(1)))).isEmpty();

        assertThat(row(delivery).status()).isEqualTo("failed");
    }

    @Test
    void whatSomebodyHasCancelledAndWhatIsInAnothersMailStaysSo() {
        DomainEvent cancelled = Events.any(EventType.USER_SIGNED_UP);
        sql.of("delivery/cancel-deliveries")
                .param("ids", record(GROUP, List.of(cancelled)).get(0).id().toString())
                .param("reason", "cancelled by ann: not now")
                .param("by", "ann")
                .update();
        DomainEvent told = Events.any(EventType.REFERRAL_VERIFIED);
        UUID follower = record(GROUP, List.of(told)).get(0).id();
        UUID leader = recorded().id();
        jdbc.sql("UPDATE event_routes.delivery SET status = 'skipped', reason = 'in the mail of another' WHERE id = ?")
                .param(follower)
                .update();
        jdbc.sql("INSERT INTO event_routes.position_window (delivery_id, leader, campaign_id, referrer_id)"
                        + " VALUES (?, ?, 'c', 'r')")
                .params(follower, leader)
                .update();

        assertThat(record(GROUP, List.of(later(cancelled, Duration.ofDays(1)), later(told, Duration.ofDays(1)))))
                .isEmpty();
    }

    @Test
    void anEventThatNamesAWrongReferrerKeepsTheRightOneNotOut() {
        ReferralVerified right = new ReferralVerified("r1", "ada", "grace", Events.CAMPAIGN, 1);
        ReferralVerified wrong = new ReferralVerified("r1", "bob", "grace", Events.CAMPAIGN, 1);

        assertThat(record(GROUP, List.of(Events.of(wrong)))).hasSize(1);
        assertThat(record(GROUP, List.of(Events.of(right)))).hasSize(1);
        assertThat(record(GROUP, List.of(Events.of(right)))).isEmpty();
    }

    /** Older rows have only the referral as their key. */
    @Test
    void aReferralThatStandsUnderTheKeyOfBeforeIsADuplicateForTheReferrerThatItIsAbout() {
        DomainEvent event = Events.of(new ReferralVerified("r2", "ada", "grace", Events.CAMPAIGN, 1));
        UUID before = record(GROUP, List.of(event)).get(0).id();
        jdbc.sql(
                        "UPDATE event_routes.delivery SET idempotency_key = 'referral.verified:r2', status = 'delivered' WHERE id = ?")
                .param(before)
                .update();

        assertThat(record(GROUP, List.of(event))).isEmpty();
        assertThat(offerMissing(event)).as("a replay").isEmpty();
        assertThat(sql.of("deadletter/find-delivery-of-key")
                        .param("group", GROUP)
                        .param("key", event.idempotencyKey())
                        .query((row, n) -> row.getObject("id", UUID.class))
                        .list())
                .containsExactly(before);
        assertThat(record(GROUP, List.of(Events.of(new ReferralVerified("r2", "bob", "grace", Events.CAMPAIGN, 1)))))
                .as("another referrer")
                .hasSize(1);

        jdbc.sql("UPDATE event_routes.delivery SET status = 'failed' WHERE id = ?")
                .param(before)
                .update();
        assertThat(record(GROUP, List.of(later(event, Duration.ofSeconds(1)))))
                .extracting(Delivery::id)
                .containsExactly(before);
    }

    @Test
    void aRowMayBeMissingAsLongAsItsEventIsYoungAndIsMissingForGoodAfterThat() {
        Delivery young = recorded();
        assertThat(begin(young).missing("there is none")).isInstanceOf(DeliveryException.Transient.class);

        Delivery old = recorded();
        jdbc.sql("UPDATE event_routes.delivery SET created_at = now() - interval '11 minutes' WHERE id = ?")
                .param(old.id())
                .update();
        assertThat(begin(old).missing("there is none")).isInstanceOf(DeliveryException.Permanent.class);
    }

    /** Another event with the same key, that much later. */
    private static DomainEvent later(DomainEvent event, Duration much) {
        return new DomainEvent(
                Events.id(), event.accountId(), event.data(), event.timestamp().plus(much));
    }

    /** Like a replay of missing events. */
    private List<String> offerMissing(DomainEvent event) {
        var rows = EventJson.mapper().createArrayNode();
        rows.addObject()
                .put("idempotency_key", event.idempotencyKey())
                .set("event", EventJson.mapper().valueToTree(event));
        return sql.of("replay/offer-missing")
                .param("group", GROUP)
                .param("rows", rows.toString())
                .query(String.class)
                .list();
    }

    @Test
    void byForceWhatIsInProgressIsLeftAloneAndWhatIsDoneHappensOnceMoreHoweverOftenItIsOffered() {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        UUID replay = UUID.randomUUID();
        Delivery delivery = record(GROUP, List.of(event)).get(0);
        assertThat(offerByForce(replay, event)).as("leased").isEmpty();
        ledger.release(List.of(delivery));
        assertThat(offerByForce(replay, event)).as("due").isEmpty();
        finishWhatIsDue();

        assertThat(offerByForce(replay, event)).as("done").hasSize(1);
        assertThat(offerByForce(replay, event)).as("twice in the range").isEmpty();
    }

    @Test
    void byForceWhatTheReplayItselfHasRecordedIsNotRepeatedWhenTheRangeHasItTwice() {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        UUID replay = UUID.randomUUID();
        assertThat(offerByForce(replay, event))
                .as("the group has not come to it")
                .hasSize(1);
        finishWhatIsDue();

        assertThat(offerByForce(replay, event)).as("twice in the range").isEmpty();
        assertThat(offerByForce(UUID.randomUUID(), event)).as("another replay").hasSize(1);
    }

    private void finishWhatIsDue() {
        ledger.finish(begin(takeDue(1).get(0)), Outcome.delivered());
    }

    private List<String> offerByForce(UUID replay, DomainEvent event) {
        var rows = EventJson.mapper().createArrayNode();
        rows.addObject()
                .put("idempotency_key", event.idempotencyKey())
                .set("event", EventJson.mapper().valueToTree(event));
        return sql.of("replay/offer-force")
                .param("group", GROUP)
                .param("id", replay.toString())
                .param("rows", rows.toString())
                .query(String.class)
                .list();
    }

    @Test
    void everyGroupHasItsOwnDeliveryOfAnEvent() {
        DomainEvent event = Events.any(EventType.USER_SIGNED_UP);
        record(GROUP, List.of(event));

        List<Delivery> ofAnother = record("another-" + GROUP, List.of(event));

        jdbc.sql("DELETE FROM event_routes.delivery WHERE consumer_group = ?")
                .param("another-" + GROUP)
                .update();
        assertThat(ofAnother).hasSize(1);
    }

    @Test
    void nothingBeginsUnderALeaseThatIsLost() {
        Delivery delivery = recorded();
        rescue(delivery);
        takeOver();

        assertThatThrownBy(() -> begin(delivery)).isInstanceOf(LeaseLostException.class);

        assertThat(row(delivery).attempts()).isZero();
    }

    @Test
    void nothingBeginsTwiceUnderOneLease() {
        Delivery delivery = recorded();
        begin(delivery);

        assertThatThrownBy(() -> begin(delivery)).isInstanceOf(LeaseLostException.class);

        assertThat(row(delivery).attempts()).isEqualTo(1);
    }

    @Test
    void aLateOutcomeCountsNoMoreOnceAnotherInstanceHasTakenTheDelivery() {
        Delivery begun = begin(recorded());
        rescue(begun);
        takeOver();

        ledger.finish(begun, Outcome.delivered());

        assertThat(row(begun)).isEqualTo(new Row("leased", null, 1, 2, ANOTHER_INSTANCE));
        assertThat(outcome(begun, 1)).isNull();
    }

    @Test
    void aLateOutcomeCountsWhileNobodyHasTakenTheDelivery() {
        Delivery begun = begin(recorded());
        rescue(begun);

        ledger.finish(begun, Outcome.delivered());

        assertThat(row(begun).status()).isEqualTo("delivered");
        assertThat(outcome(begun, 1)).isEqualTo("delivered");
        assertThat(takeDue(1)).isEmpty();
    }

    @Test
    void thePauseBeginsWhenTheAttemptHasEnded() {
        Delivery begun = begin(recorded());
        jdbc.sql("UPDATE event_routes.delivery SET updated_at = now() - interval '1 hour' WHERE id = ?")
                .param(begun.id())
                .update(); // its attempt takes that long

        ledger.finish(
                begun,
                Outcome.of(new DeliveryException.Transient("come back later", "503", Duration.ofMinutes(10), null)));

        assertThat(secondsUntilDue(begun)).isBetween(580.0, 600.0);
    }

    @Test
    void whoHasLostALeaseNeitherTakesBackNorGivesBackWhatAnotherIsDoing() {
        Delivery begun = begin(recorded());
        Delivery waiting = recorded();
        Stream.of(begun, waiting).forEach(this::rescue);
        takeOver();

        ledger.finish(begun, Outcome.of(new DeliveryException.Waiting("smtp", null)));
        ledger.release(List.of(waiting));

        assertThat(row(begun)).isEqualTo(new Row("leased", null, 1, 2, ANOTHER_INSTANCE));
        assertThat(row(waiting)).isEqualTo(new Row("leased", null, 0, 2, ANOTHER_INSTANCE));
    }

    @Test
    void whatIsPutOffAgainIsNotEndedByTheAttemptThatBeganBefore() {
        DomainEvent event = Events.any(EventType.REFERRAL_VERIFIED);
        recorder.putOff(GROUP, event, (refused, reason) -> {
            throw new AssertionError(reason);
        });
        Delivery begun = begin(takeDue(1).get(0));

        recorder.putOff(GROUP, event, (refused, reason) -> {
            throw new AssertionError(reason);
        });
        ledger.finish(begun, Outcome.delivered());

        assertThat(row(begun).status()).isEqualTo("due");
        assertThat(begin(takeDue(1).get(0)))
                .extracting(Delivery::attempt, Delivery::tries)
                .containsExactly(2, 1);
    }

    @Test
    void whatAnOperatorRetriesIsNotEndedByAnAttemptThatBeganBefore() {
        Delivery begun = begin(recorded());
        rescue(begun);

        sql.of("delivery/retry-deliveries", "ids", begun.id().toString(), "by", "ann")
                .update();
        ledger.finish(begun, Outcome.failed("too late"));

        assertThat(row(begun).status()).isEqualTo("due");
    }

    @Test
    void anOutcomeThatHasChangedSinceItWasReadIsStillToBeTold() {
        Delivery begun = deliveredAndUntold();

        assertThat(told(begun, 1, "failed")).isZero();
        assertThat(told(begun, 0, "delivered")).isZero();
        assertThat(told(begun, 1, "delivered")).isEqualTo(1);
    }

    /** Steps of a file after an outcome are only where its group is. */
    @Test
    void anOutcomeIsToldByAnInstanceThatHasItsGroup() {
        Delivery begun = deliveredAndUntold();

        assertThat(untold("")).doesNotContain(begun.id());
        assertThat(untold("of-another-role")).doesNotContain(begun.id());
        assertThat(untold("of-another-role," + GROUP)).contains(begun.id());
    }

    private Delivery deliveredAndUntold() {
        Delivery begun = begin(recorded());
        ledger.finish(begun, Outcome.delivered());
        jdbc.sql("INSERT INTO event_routes.untold_outcome (delivery_id, attempt) VALUES (?, 1)")
                .param(begun.id())
                .update();
        return begun;
    }

    private List<UUID> untold(String groups) {
        return sql.of("delivery/untold", "groups", groups, "limit", 100)
                .query((row, number) -> row.getObject("id", UUID.class))
                .list();
    }

    /** Tells the application what was read of a delivery, and returns how many outcomes are thereby told. */
    private int told(Delivery delivery, int attempts, String status) {
        return sql.of("delivery/told", "id", delivery.id(), "attempts", attempts, "status", status)
                .update();
    }

    @Test
    void anOutcomeIsWrittenOnce() {
        Delivery begun = begin(recorded());
        ledger.finish(begun, Outcome.delivered());

        ledger.finish(begun, new Outcome(DeliveryStatus.FAILED, "too late", null, null));

        assertThat(row(begun).status()).isEqualTo("delivered");
    }

    @Test
    void whatIsDueIsGivenToOneOfManyWhoAsk() {
        due(400, "");

        List<CompletableFuture<List<UUID>>> takers = Stream.generate(() -> CompletableFuture.supplyAsync(this::takeAll))
                .limit(4)
                .toList();

        assertThat(takers.stream().flatMap(taker -> taker.join().stream()))
                .hasSize(400)
                .doesNotHaveDuplicates();
    }

    private List<UUID> takeAll() {
        List<UUID> taken = new ArrayList<>();
        List<Delivery> next = takeDue(7);
        while (!next.isEmpty()) {
            next.forEach(delivery -> taken.add(delivery.id()));
            next = takeDue(7);
        }
        return taken;
    }

    @Test
    void whatIsLeasedToThisInstanceAndNotInItIsDueAgain() {
        Delivery delivery = recorded();
        jdbc.sql("UPDATE event_routes.delivery SET updated_at = now() - interval '30 seconds' WHERE id = ?")
                .param(delivery.id())
                .update();

        await().until(() -> row(delivery).status().equals("due"));
    }

    /** Or a worker that gets it in a moment would not begin it, and it would wait for the next round. */
    @Test
    void whatHasJustBeenLeasedIsOnItsWayAndStaysLeased() {
        Delivery delivery = recorded();

        upkeep.reclaimStrays(Set.of());

        assertThat(row(delivery).status()).isEqualTo("leased");
    }

    @Test
    void whatAnInstanceHeldThatIsGoneIsDueAgain() {
        Delivery delivery = recorded();
        jdbc.sql("INSERT INTO event_routes.instance (id, seen_at) VALUES (?, now() - interval '1 minute')")
                .param(ANOTHER_INSTANCE)
                .update();
        jdbc.sql("UPDATE event_routes.delivery SET lease_owner = ? WHERE id = ?")
                .params(ANOTHER_INSTANCE, delivery.id())
                .update();

        await().until(() -> row(delivery).status().equals("due"));

        assertThat(takeDue(10)).extracting(Delivery::id).containsExactly(delivery.id());
        await().untilAsserted(() -> assertThat(jdbc.sql("SELECT count(*) FROM event_routes.instance WHERE id = ?")
                        .param(ANOTHER_INSTANCE)
                        .query(Integer.class)
                        .single())
                .isZero());
    }

    @Test
    void whoseHeartbeatGoesOnIsNotGoneThoughTheClockOfTheDatabaseWasSetAhead() {
        Delivery delivery = recorded();
        takeOver();
        jdbc.sql("UPDATE event_routes.delivery SET status = 'leased', lease_owner = ? WHERE id = ?")
                .params(ANOTHER_INSTANCE, delivery.id())
                .update();

        await().during(Duration.ofSeconds(4))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    jdbc.sql("UPDATE event_routes.instance SET seen_at = now() - interval '1 minute' WHERE id = ?")
                            .param(ANOTHER_INSTANCE)
                            .update();
                    assertThat(row(delivery).status()).isEqualTo("leased");
                });
    }

    /** Between the look at the heartbeats and the rescue an instance may have sent the next one. */
    @Test
    void whoHasSentAHeartbeatSinceItWasJudgedKeepsWhatItHolds() {
        Delivery delivery = recorded();
        ledger.release(List.of(delivery));
        takeOver();
        String judged = heartbeatOfTheOther();
        heartbeatOfTheOther(Duration.ofDays(90));

        rescueThoseOf(judged);
        assertThat(row(delivery).status()).isEqualTo("leased");

        rescueThoseOf(heartbeatOfTheOther());
        assertThat(row(delivery).status()).isEqualTo("due");
    }

    private void heartbeatOfTheOther(Duration purgeAfter) {
        sql.of("delivery/heartbeat", "instance", ANOTHER_INSTANCE, "purge_after", purgeAfter.toSeconds())
                .update();
    }

    private String heartbeatOfTheOther() {
        return jdbc.sql("SELECT CAST(seen_at AS text) FROM event_routes.instance WHERE id = ?")
                .param(ANOTHER_INSTANCE)
                .query(String.class)
                .single();
    }

    private void rescueThoseOf(String heartbeat) {
        var gone = EventJson.mapper().createArrayNode();
        gone.addObject().put("instance", ANOTHER_INSTANCE.toString()).put("seen_at", heartbeat);
        sql.of("delivery/rescue", "gone", gone.toString()).update();
    }

    @Test
    void whoseHeartbeatStandsStillIsGoneThoughTheClockOfTheDatabaseWasSetBack() {
        Delivery delivery = recorded();
        takeOver();
        jdbc.sql("UPDATE event_routes.instance SET seen_at = now() + interval '1 hour' WHERE id = ?")
                .param(ANOTHER_INSTANCE)
                .update();
        jdbc.sql("UPDATE event_routes.delivery SET status = 'leased', lease_owner = ? WHERE id = ?")
                .params(ANOTHER_INSTANCE, delivery.id())
                .update();

        await().until(() -> row(delivery).status().equals("due"));
    }

    @Test
    void noPauseTakesLongerByTheStepWhenTheClockOfTheDatabaseWasSetBack() {
        Map<String, Delivery> deliveries = new LinkedHashMap<>();
        for (String[] times : new String[][] {
            {"1 hour", "1 hour 5 minutes", null}, // updated and due, from now; lane
            {"1 hour", "1 hour 5 minutes 1 second", "of a webhook"},
            {"1 hour", "1 hour", null},
            {"-1 minute", "4 minutes", null}
        }) {
            Delivery delivery = recorded();
            deliveries.put(times[1], delivery);
            jdbc.sql(
                            "UPDATE event_routes.delivery SET status = 'due', lease_owner = NULL,"
                                    + " updated_at = now() + CAST(? AS interval), due_at = now() + CAST(? AS interval), lane = ? WHERE id = ?")
                    .params(times[0], times[1], times[2], delivery.id())
                    .update();
        }

        new LedgerUpkeep(sql, instance, settings).followClock(); // it has just started

        assertThat(deliveries.values().stream().map(this::secondsUntilDue))
                .satisfiesExactly(
                        pauseOfFiveMinutes -> assertThat(pauseOfFiveMinutes).isBetween(280.0, 300.0),
                        theSameInALane -> assertThat(theSameInALane).isBetween(280.0, 301.0),
                        dueAtOnce -> assertThat(dueAtOnce).isNotPositive(),
                        untouched -> assertThat(untouched).isBetween(220.0, 240.0));
    }

    private double secondsUntilDue(Delivery delivery) {
        return jdbc.sql("SELECT extract(epoch FROM due_at - now()) FROM event_routes.delivery WHERE id = ?")
                .param(delivery.id())
                .query(Double.class)
                .single();
    }

    @Test
    void aClockThatGoesOnBesideThisMachinesWasNotSetBack() {
        OffsetDateTime noon = OffsetDateTime.parse("2026-02-01T12:00:00Z");
        LedgerUpkeep.Reading first = new LedgerUpkeep.Reading(noon, 0);
        long fiveSeconds = Duration.ofSeconds(5).toNanos();

        assertThat(Stream.of(-60, 3, 5, 7, 60)
                        .map(seconds -> LedgerUpkeep.wasSetBack(
                                first, new LedgerUpkeep.Reading(noon.plusSeconds(seconds), fiveSeconds))))
                .containsExactly(true, true, false, false, false);
    }

    @Test
    void whatWentAstrayBeforeTheClockOfTheDatabaseWasSetBackIsDueAgain() {
        Delivery stray = recorded();
        jdbc.sql("UPDATE event_routes.delivery SET updated_at = now() + interval '1 hour' WHERE id = ?")
                .param(stray.id())
                .update();

        upkeep.reclaimStrays(Set.of());

        assertThat(row(stray).status()).isEqualTo("due");
    }

    @Test
    void aRowThatAFrozenInstanceHasLockedHoldsUpNoRescueOfTheOthers() throws SQLException {
        Delivery locked = recorded();
        Delivery other = recorded();
        takeOver();
        jdbc.sql("UPDATE event_routes.delivery SET status = 'leased', lease_owner = ? WHERE id IN (?, ?)")
                .params(ANOTHER_INSTANCE, locked.id(), other.id())
                .update();
        try (Connection frozen = database.getConnection()) {
            frozen.setAutoCommit(false);
            try (PreparedStatement lock =
                    frozen.prepareStatement("SELECT FROM event_routes.delivery WHERE id = ? FOR UPDATE")) {
                lock.setObject(1, locked.id());
                lock.execute();
            }
            jdbc.sql("UPDATE event_routes.instance SET seen_at = now() - interval '1 minute' WHERE id = ?")
                    .param(ANOTHER_INSTANCE)
                    .update();

            await().until(() -> row(other).status().equals("due"));

            frozen.rollback();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"nonsense\":true}", "null", "[]", "\"text\"", "7"})
    void aRowThatHoldsNoEventFailsAndHoldsUpNoOther(String nonsense) {
        UUID broken = due("", nonsense, Duration.ofMinutes(2));
        List<UUID> good = due(2, "");

        assertThat(takeDue(3)).extracting(Delivery::id).containsExactlyInAnyOrderElementsOf(good);

        assertThat(row(broken).status()).isEqualTo("failed");
        assertThat(row(broken).reason()).startsWith("the row has no valid event");
    }

    @Test
    void singleDeliveriesComeBeforeThoseOfAFanOutHoweverLongTheseHaveWaited() {
        List<UUID> fanOut = Stream.iterate(1, n -> n + 1)
                .limit(20)
                .map(n -> due("person-" + n, event(), Duration.ofMinutes(60 - n)))
                .toList();
        UUID later = due("", event(), Duration.ofSeconds(1));
        UUID earlier = due("", event(), Duration.ofSeconds(2));

        assertThat(takeDue(1)).extracting(Delivery::id).containsExactly(earlier);
        assertThat(takeDue(4))
                .extracting(Delivery::id)
                .containsExactly(later, fanOut.get(0), fanOut.get(1), fanOut.get(2));
    }

    @Test
    void ofEachLaneAsMuchIsTakenAsThereIsRoomForHoweverLongTheOthersAre() {
        List<UUID> ofTheLong = Stream.iterate(1, n -> n + 1)
                .limit(50)
                .map(n -> dueInLane("long", Duration.ofMinutes(60 - n)))
                .toList();
        UUID ofTheShort = dueInLane("short", Duration.ofSeconds(1));
        UUID ofAnUnknown = dueInLane("unknown", Duration.ofSeconds(2));
        dueInLane("unknown", Duration.ofSeconds(1));
        dueInLane("away", Duration.ofMinutes(90));
        dueInLane("short", Duration.ofMinutes(-1));
        UUID inNone = due("", event(), Duration.ofSeconds(1));

        assertThat(takeDue(100)).extracting(Delivery::id).containsExactly(inNone);
        List<Delivery> taken = ledger.takeLanes(GROUP, new LaneRoom(Map.of("long", 2, "short", 5, "away", 0), 100));
        assertThat(taken)
                .extracting(Delivery::id)
                .containsExactly(ofTheLong.get(0), ofTheLong.get(1), ofAnUnknown, ofTheShort);
        assertThat(taken).extracting(Delivery::lane).containsExactly("long", "long", "unknown", "short");
        assertThat(ledger.takeLanes(GROUP, new LaneRoom(Map.of("long", 50), 7))).hasSize(7);
        assertThat(ledger.takeLanes(GROUP, new LaneRoom(Map.of("long", 50), 0))).isEmpty();
    }

    @Test
    void whatItsReceiverHasNoRoomForIsDueInItsLaneAndHasUsedUpNoAttempt() {
        Delivery delivery = recorded();

        ledger.postpone(new NoRoomException(delivery.in("some"), "waits for it"));

        assertThat(row(delivery.id()))
                .extracting(Row::status, Row::attempts, Row::reason, Row::leaseOwner)
                .containsExactly("due", 0, "waits for it", null);
        assertThat(takeDue(10)).isEmpty();
        assertThat(ledger.takeLanes(GROUP, new LaneRoom(Map.of(), 10)))
                .singleElement()
                .satisfies(taken -> {
                    assertThat(taken.id()).isEqualTo(delivery.id());
                    assertThat(taken.lease()).isEqualTo(2);
                    assertThat(begin(taken).attempt()).isEqualTo(1);
                });
    }

    @Test
    void whatAnotherInstanceHasTakenIsNotPutOff() {
        Delivery delivery = recorded();
        ledger.release(List.of(delivery));
        Delivery taken = takeDue(1).get(0);

        ledger.postpone(new NoRoomException(delivery.in("some"), "too late"));

        assertThat(row(delivery.id()).status()).isEqualTo("leased");
        assertThat(row(delivery.id()).lease()).isEqualTo(taken.lease());
    }

    @Test
    void whatIsNotYetDueIsLeftAlone() {
        due("", event(), Duration.ofMinutes(-1));

        assertThat(takeDue(10)).isEmpty();
    }

    @Test
    void whatFindsNoRoomIsDueAtOnceForAnyInstance() {
        Delivery delivery = recorded();

        ledger.release(List.of(delivery));

        assertThat(takeDue(10)).singleElement().satisfies(taken -> {
            assertThat(taken.id()).isEqualTo(delivery.id());
            assertThat(taken.lease()).isEqualTo(2);
        });
    }

    @Test
    void anEventThatTheDatabaseRefusesKeepsOutNoOther() throws Exception {
        List<DomainEvent> batch = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            batch.add(Events.any(EventType.USER_SIGNED_UP));
        }
        List<DomainEvent> bad = List.of(batch.get(3), batch.get(12));
        Map<DomainEvent, String> refused = new LinkedHashMap<>();

        List<Delivery> recorded = new ArrayList<>();
        RefusingTrigger.during(jdbc, bad, () -> recorded.addAll(recorder.record(GROUP, batch, refused::put)));

        assertThat(refused).containsOnlyKeys(bad);
        assertThat(refused.values())
                .allSatisfy(reason -> assertThat(reason).contains("the ledger refused it", "refused by a test"));
        assertThat(recorded).hasSize(18).extracting(Delivery::event).doesNotContainAnyElementsOf(bad);
    }

    /** What was recorded with the first of the two would be there, and in nobody's hands. */
    @Test
    void theSecondEventOfAKeyThatIsRefusedKeepsOutNoOther() throws Exception {
        List<DomainEvent> batch = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            batch.add(Events.any(EventType.USER_SIGNED_UP));
        }
        List<DomainEvent> good = List.copyOf(batch);
        DomainEvent again = Events.of(batch.get(0).data());
        batch.add(again);
        List<DomainEvent> refused = new ArrayList<>();

        List<Delivery> recorded = new ArrayList<>();
        RefusingTrigger.during(
                jdbc,
                List.of(again),
                () -> recorded.addAll(recorder.record(GROUP, batch, (event, reason) -> refused.add(event))));

        assertThat(refused).containsExactly(again);
        assertThat(recorded).extracting(Delivery::event).containsExactlyInAnyOrderElementsOf(good);
    }

    @Test
    void aDeliveryThatIsPutOffForALaterEventIsNamedAfterThatOne() throws Exception {
        DomainEvent earlier = Events.any(EventType.REFERRAL_VERIFIED);
        DomainEvent later = Events.of(earlier.data());
        record(GROUP, List.of(earlier));

        recorder.putOff(GROUP, later, (event, reason) -> {
            throw new AssertionError(reason);
        });

        assertThat(jdbc.sql("SELECT event_id, event FROM event_routes.delivery WHERE idempotency_key = ?")
                        .param(earlier.idempotencyKey())
                        .query((row, n) -> tuple(
                                row.getString("event_id"),
                                row.getString("event").contains(later.id())))
                        .list())
                .containsExactly(tuple(later.id(), true));
    }

    @Test
    void anEventThatTheDatabaseRefusesCannotBePutOffEither() throws Exception {
        DomainEvent bad = Events.any(EventType.REFERRAL_VERIFIED);
        Map<DomainEvent, String> refused = new LinkedHashMap<>();

        RefusingTrigger.during(jdbc, List.of(bad), () -> recorder.putOff(GROUP, bad, refused::put));

        assertThat(refused).containsOnlyKeys(bad);
    }

    @Test
    void anotherEventStandsForThoseThatTheDatabaseRefuses() throws Exception {
        DomainEvent bad = Events.any(EventType.REFERRAL_VERIFIED);
        DomainEvent good = Events.any(EventType.REFERRAL_VERIFIED);
        DomainEvent spared = Events.any(EventType.REFERRAL_VERIFIED);
        Map<DomainEvent, String> refused = new LinkedHashMap<>();

        RefusingTrigger.during(
                jdbc, List.of(bad), () -> recorder.putOffTogether(GROUP, List.of(bad, good, spared), refused::put));

        assertThat(refused).containsOnlyKeys(bad);
        assertThat(jdbc.sql("SELECT event_id FROM event_routes.delivery WHERE event_id IN (?, ?, ?)")
                        .params(bad.id(), good.id(), spared.id())
                        .query(String.class)
                        .list())
                .containsExactly(good.id());
    }

    private List<Delivery> record(String group, List<DomainEvent> batch) {
        return recorder.record(group, batch, (event, reason) -> {
            throw new AssertionError(reason);
        });
    }

    private Delivery recorded() {
        return record(GROUP, List.of(Events.any(EventType.USER_SIGNED_UP))).get(0);
    }

    private Delivery begin(Delivery delivery) {
        return ledger.begin(delivery, new DefaultExchange(camel));
    }

    /** Like rescue.sql for the deliveries of an instance considered dead. */
    private void rescue(Delivery delivery) {
        jdbc.sql("UPDATE event_routes.delivery SET status = 'due', due_at = now(), lease_owner = NULL WHERE id = ?")
                .param(delivery.id())
                .update();
    }

    /** Another instance takes due deliveries. */
    private void takeOver() {
        sql.of("delivery/take-due")
                .param("group", GROUP)
                .param("owner", ANOTHER_INSTANCE)
                .param("away", "")
                .param("limit", 100)
                .param("single", DueMarks.BEGINNING.single())
                .param("fan_out", DueMarks.BEGINNING.fanOut())
                .query()
                .listOfRows();
        // It is live, or its leases would be rescued at once.
        heartbeatOfTheOther(Duration.ofDays(90));
    }

    private List<UUID> due(int count, String recipient) {
        return Stream.generate(() -> due(recipient, event(), Duration.ofSeconds(1)))
                .limit(count)
                .toList();
    }

    private UUID dueInLane(String lane, Duration since) {
        UUID id = due("", event(), since);
        jdbc.sql("UPDATE event_routes.delivery SET lane = ? WHERE id = ?")
                .params(lane, id)
                .update();
        return id;
    }

    private UUID due(String recipient, String event, Duration since) {
        UUID id = UUID.randomUUID();
        jdbc.sql("""
                        INSERT INTO event_routes.delivery (id, consumer_group, idempotency_key, recipient, event_id,
                            event_type, campaign_id, event, status, due_at)
                        VALUES (:id, :group, :key, :recipient, 'some', 'some', 'some', CAST(:event AS jsonb), 'due',
                            now() - make_interval(secs => :since))
                        """)
                .param("id", id)
                .param("group", GROUP)
                .param("key", id.toString())
                .param("recipient", recipient)
                .param("event", event)
                .param("since", (double) since.toSeconds())
                .update();
        return id;
    }

    private static String event() {
        return EventJson.mapper()
                .valueToTree(Events.any(EventType.USER_SIGNED_UP))
                .toString();
    }

    private Row row(Delivery delivery) {
        return row(delivery.id());
    }

    private Row row(UUID delivery) {
        return jdbc.sql("SELECT status, reason, attempts, lease, lease_owner FROM event_routes.delivery WHERE id = ?")
                .param(delivery)
                .query(Row.class)
                .single();
    }

    private @Nullable String outcome(Delivery delivery, int attempt) {
        return jdbc.sql("SELECT outcome FROM event_routes.attempt WHERE delivery_id = ? AND attempt = ?")
                .params(delivery.id(), attempt)
                .query((row, n) -> Optional.ofNullable(row.getString(1)))
                .single()
                .orElse(null);
    }
}

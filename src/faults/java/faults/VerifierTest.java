package faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import routes.event.EventType;

/** A verifier that finds nothing proves nothing: each way in which a promise can be broken, it finds. */
class VerifierTest {

    private static final String WELCOME = "mail welcome p1@f1.example";

    @Test
    void anEffectThatHappenedOnceIsFine() {
        assertThat(effects(0, welcomed(), "1").violations()).isEmpty();
    }

    @Test
    void aLostEffectIsFound() {
        Findings findings = effects(0, welcomed());

        assertThat(findings.violations())
                .singleElement()
                .asString()
                .startsWith("I1")
                .contains(WELCOME);
        assertThat(findings.figures()).containsEntry("lost", 1);
    }

    @Test
    void oneOfTwoEffectsOfTheSameKeyIsMissed() {
        List<Acknowledged> twoReferrals = List.of(event(0, "referral:1", WELCOME), event(1, "referral:2", WELCOME));

        assertThat(effects(0, twoReferrals, "1", "2").violations()).isEmpty();
        assertThat(effects(1, twoReferrals, "1", "1").violations())
                .singleElement()
                .asString()
                .startsWith("I1");
    }

    @Test
    void anEffectThatIsDoneAgainUnderAnotherIdIsFound() {
        assertThat(effects(9, welcomed(), "1", "2").violations())
                .singleElement()
                .asString()
                .startsWith("I2")
                .contains(WELCOME);
    }

    @Test
    void anEffectThatNobodyAskedForIsFound() {
        assertThat(effects(9, List.of(), "1").violations())
                .singleElement()
                .asString()
                .startsWith("I2");
    }

    @Test
    void repeatsUnderTheSameIdAreAllowedForWhatWasInFlightAndNoMore() {
        assertThat(effects(1, welcomed(), "1", "1").violations()).isEmpty();
        assertThat(effects(1, welcomed(), "1", "1", "1").violations())
                .singleElement()
                .asString()
                .startsWith("I2: 2 effects");
    }

    @Test
    void whatIsSaidTwiceHappensOnce() {
        List<Acknowledged> twice = List.of(event(0, "user:1", WELCOME), event(1, "user:1", WELCOME));

        assertThat(effects(0, twice, "1").violations()).isEmpty();
    }

    @Test
    void aRecordThatIsNoLongerInTheTopicOrAnotherIsFound() {
        List<Acknowledged> acknowledged = List.of(event(0, "user:1", WELCOME), event(1, "user:2", WELCOME));

        assertThat(Verifier.records(acknowledged, Map.of("3@0", "hash", "3@1", "hash")::get)
                        .violations())
                .isEmpty();
        assertThat(Verifier.records(acknowledged, Map.of("3@0", "hash", "3@1", "other")::get)
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I1")
                .contains("3@1");
        assertThat(Verifier.records(acknowledged, Map.of("3@0", "hash")::get).violations())
                .hasSize(1);
    }

    @Test
    void aWrongPositionIsFound() {
        assertThat(positions(10, 2, 3, true, 4).violations()).isEmpty();
        assertThat(positions(10, 2, 3, true, 5).violations())
                .singleElement()
                .asString()
                .startsWith("I3")
                .contains("at 5 instead of 4");
        assertThat(positions(1, 2, 3, true, 1).violations()).isEmpty();
        assertThat(positions(1, 2, 3, true, -5).violations()).hasSize(1);
    }

    @Test
    void whoTakesNoPartKeepsTheirPosition() {
        assertThat(positions(10, 2, 3, false, 10).violations()).isEmpty();
        assertThat(positions(10, 2, 3, false, 4).violations()).hasSize(1);
    }

    @Test
    void aMissingDeadLetterIsFound() {
        assertThat(Verifier.deadLetters("email-workers", List.of(poison()), List.of())
                        .violations())
                .singleElement()
                .asString()
                .startsWith("I1")
                .contains("email-workers");
    }

    @Test
    void aDeadLetterThatIsTheOriginalIsFine() {
        assertThat(deadLetter("key", "value", "a").violations()).isEmpty();
    }

    @Test
    void aChangedDeadLetterIsFound() {
        assertThat(deadLetter("key", "valuE", "a").violations())
                .singleElement()
                .asString()
                .startsWith("I5");
        assertThat(deadLetter("keY", "value", "a").violations())
                .singleElement()
                .asString()
                .startsWith("I5");
        assertThat(deadLetter("key", "value", "b").violations())
                .singleElement()
                .asString()
                .startsWith("I5");
        assertThat(deadLetter("key", null, "a").violations())
                .singleElement()
                .asString()
                .startsWith("I5");
    }

    private static Findings effects(int repeatsAllowed, List<Acknowledged> acknowledged, String... idsOfEffects) {
        List<Effect> effects = List.of(idsOfEffects).stream()
                .map(id -> new Effect(WELCOME, id, Instant.EPOCH))
                .toList();
        return Verifier.effects(acknowledged, effects, repeatsAllowed);
    }

    private static List<Acknowledged> welcomed() {
        return List.of(event(0, "user:1", WELCOME));
    }

    private static Acknowledged event(long offset, String key, String effect) {
        return new Acknowledged(
                3, offset, "id", "hash", EventType.USER_SIGNED_UP, key, List.of(effect), null, Set.of());
    }

    private static Findings positions(int original, int verified, int points, boolean takesPart, long position) {
        return Verifier.positions(
                List.of(new Verifier.Standing(UUID.randomUUID(), original, verified, points, takesPart, position)));
    }

    private static Acknowledged poison() {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>("topic", 3, bytes("key"), bytes("value"));
        record.headers().add("trace", bytes("a"));
        return new Acknowledged(3, 7, "invalid JSON", "hash", null, "", List.of(), record, Set.of("email-workers"));
    }

    private static Findings deadLetter(String key, @Nullable String value, String trace) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("trace", bytes(trace));
        headers.add("dead-letter-partition", bytes("3"));
        headers.add("dead-letter-offset", bytes("7"));
        ConsumerRecord<byte[], byte[]> letter = new ConsumerRecord<>(
                "topic.email-workers.dlq",
                0,
                0,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                bytes(key),
                value == null ? null : bytes(value),
                headers,
                Optional.empty());
        return Verifier.deadLetters("email-workers", List.of(poison()), List.of(letter));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

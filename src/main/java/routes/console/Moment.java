package routes.console;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import routes.delivery.DeliveryOperations.Attempt;
import routes.explain.Explained;
import routes.explain.Explained.Explanation;
import routes.explain.Explained.FoundLetter;
import routes.explain.Explained.Group;

/**
 * A line of an event's story.
 *
 * @param group where it happened; empty for what is before all groups
 * @param badge what happened, in a word
 * @param href the page with more; null if there is none
 */
record Moment(
        Instant at,
        String group,
        String badge,
        String says,
        @Nullable String href) {

    /** Everything that is known of an event, by time. */
    static List<Moment> of(Explained event) {
        List<Moment> story = new ArrayList<>();
        if (event.happenedAt() != null) {
            story.add(new Moment(event.happenedAt(), "", "happened", "by the clock of its publisher", null));
        }
        for (Group group : event.groups()) {
            group.deadLetters().forEach(letter -> story.add(of(group.group(), letter)));
            group.deliveries().forEach(delivery -> tell(group.group(), delivery, story));
        }
        event.replays()
                .forEach(replay -> story.add(new Moment(
                        replay.createdAt(),
                        replay.group(),
                        replay.state(),
                        "a replay was planned",
                        "/progress/replays/" + replay.id())));
        story.sort(Comparator.comparing(Moment::at));
        return story;
    }

    /** Whether it is still to come. */
    boolean ahead() {
        return at.isAfter(Instant.now());
    }

    private static Moment of(String group, FoundLetter letter) {
        return new Moment(
                letter.keptAt(),
                group,
                "dead-letter",
                "%s (%s, partition %s, offset %s)"
                        .formatted(
                                letter.reason(),
                                letter.record().topic(),
                                letter.record().partition(),
                                letter.record().offset()),
                "/deadletters/%s/%s".formatted(group, letter.id()));
    }

    private static void tell(String group, Explanation delivery, List<Moment> story) {
        String page = "/deliveries/" + delivery.id();
        story.add(new Moment(delivery.recordedAt(), group, "recorded", words(delivery.recipient()), page));
        for (Attempt attempt : delivery.attempts()) {
            story.add(new Moment(
                    attempt.startedAt(),
                    group,
                    attempt.outcome() == null ? "no outcome" : attempt.outcome(),
                    words(
                            delivery.recipient(),
                            "attempt " + attempt.attempt(),
                            attempt.took() == null ? "in progress, or cut off" : "took " + attempt.took(),
                            attempt.code(),
                            attempt.reason()),
                    page));
        }
        boolean told = delivery.attempts().stream()
                .anyMatch(attempt -> delivery.status().equals(attempt.outcome()));
        if (!told || delivery.waits() != null) {
            story.add(new Moment(
                    delivery.nextTry() == null ? delivery.updatedAt() : delivery.nextTry(),
                    group,
                    delivery.status(),
                    words(told ? null : delivery.reason(), delivery.waits()),
                    page));
        }
    }

    private static String words(@Nullable String... parts) {
        return String.join(
                ", ",
                Stream.of(parts).filter(part -> part != null && !part.isEmpty()).toList());
    }
}

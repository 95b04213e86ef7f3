package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.console.Plot.Series;
import routes.console.Plot.Unit;
import routes.delivery.BulkDeliveries;
import routes.delivery.BulkDeliveries.Count;
import routes.delivery.DeliveryCriteria;
import routes.history.History;
import routes.history.History.Step;

/** Plots of the last hour or day: what each group handled, how old it was then, how far the group was behind; and why deliveries failed. */
@Component
class HistoryTab implements Tab {

    /** Records that a group has not read yet. */
    static final Series LAG = new Series("lag", step -> step.lag() == null ? Double.NaN : step.lag());

    private static final int REASONS = 10;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Layout layout;
    private final History history;
    private final BulkDeliveries deliveries;

    HistoryTab(Layout layout, History history, BulkDeliveries deliveries) {
        this.layout = layout;
        this.history = history;
        this.deliveries = deliveries;
    }

    /** What is looked at: so many steps until now. */
    enum Span {
        HOUR(60, Duration.ofMinutes(1)),
        DAY(144, Duration.ofMinutes(10));

        private final int steps;
        private final Duration each;

        Span(int steps, Duration each) {
            this.steps = steps;
            this.each = each;
        }

        /** The first moment: the last step is the one that has begun. */
        Instant since(Instant now) {
            long step = each.toSeconds();
            return Instant.ofEpochSecond((now.getEpochSecond() / step + 1 - steps) * step);
        }

        Duration each() {
            return each;
        }

        /** The last whole step. */
        Optional<Step> last(Instant now, List<Step> known) {
            Instant from = since(now).plus(each.multipliedBy(steps - 2L));
            return known.stream().filter(step -> step.from().equals(from)).findFirst();
        }

        /** A plot of steps that are known. */
        Plot plot(String title, Unit unit, Instant now, List<Step> known, List<Series> series) {
            return Plot.of(title, unit, since(now), each, steps, known, series);
        }
    }

    /** A group and its plots. */
    record Group(String name, List<Plot> plots) {}

    /** Why deliveries failed: how many, of how many with the most frequent reason, and where they are. */
    record Reason(String because, String group, long deliveries, long most, String href) {}

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/history", this::history).build();
    }

    private ServerResponse history(ServerRequest request) {
        Span span = request.param("span").filter("day"::equals).isPresent() ? Span.DAY : Span.HOUR;
        Instant now = Instant.now();
        Instant since = span.since(now);
        Map<String, Object> model = new HashMap<>();
        model.put("refresh", true);
        model.put("at", now);
        model.put("day", span == Span.DAY);
        List<Group> groups = new ArrayList<>();
        history.since(since, span.each)
                .forEach((group, steps) -> groups.add(new Group(group, plots(span, now, steps))));
        model.put("groups", groups);
        Optional<List<Reason>> reasons = reasons(since);
        model.put("reasons", reasons.orElse(List.of()));
        model.put("uncounted", reasons.isEmpty());
        return layout.page(request, "history", "History", model);
    }

    private static List<Plot> plots(Span span, Instant now, List<Step> steps) {
        double minutes = span.each.toMinutes();
        List<Series> outcomes = History.OUTCOMES.stream()
                .filter(outcome -> outcome.equals("delivered") || steps.stream().anyMatch(step -> step.of(outcome) > 0))
                .map(outcome -> new Series(outcome, step -> step.of(outcome) / minutes))
                .toList();
        List<Series> ages = List.of(
                new Series("p99", step -> step.percentile(0.99)), new Series("p50", step -> step.percentile(0.5)));
        return List.of(
                span.plot("Handled per minute", Unit.NUMBER, now, steps, outcomes),
                span.plot("From event to done, log scale", Unit.MILLISECONDS, now, steps, ages),
                span.plot("Lag", Unit.NUMBER, now, steps, List.of(LAG)));
    }

    /** Empty if they take too long to count, as in a ledger of very many that failed: the plots are shown all the same. */
    private Optional<List<Reason>> reasons(Instant since) {
        DeliveryCriteria failed = new DeliveryCriteria(Map.of("status", "failed", "since", since.toString()));
        try {
            List<Count> counts = deliveries.counts(failed);
            return Optional.of(counts.stream()
                    .limit(REASONS)
                    .map(count -> new Reason(
                            count.why(),
                            count.consumerGroup(),
                            count.deliveries(),
                            counts.get(0).deliveries(),
                            "/deliveries" + Requests.query(failed.alike(count).given())))
                    .toList());
        } catch (InvalidEndpointRequestException e) {
            return Optional.empty();
        }
    }

    /** The time of day in UTC, such as {@code 17:05Z}, which times.js shows in the zone of whoever looks. */
    static String time(Instant moment) {
        return TIME.format(moment);
    }
}

package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.console.Announcements.Announcement;
import routes.console.Attention.Need;
import routes.console.HistoryTab.Span;
import routes.console.Plot.Series;
import routes.console.Plot.Unit;
import routes.consumer.ConsumerOperations;
import routes.consumer.ConsumerOperations.Status;
import routes.deadletter.OpenLetters;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryStatus;
import routes.history.History;
import routes.history.History.Step;
import routes.webhook.WebhookOperations;

/** Whether all is well, how each group is doing, and what is in progress or failing. */
@Component
class OverviewTab implements Tab {

    private static final int FAILING = 20;
    private static final Series HANDLED = new Series("handled", Step::handled);

    private final Layout layout;
    private final ConsumerGroups groups;
    private final ConsumerOperations consumers;
    private final History history;
    private final Announcements announcements;
    private final Reruns reruns;
    private final ObjectProvider<WebhookOperations> webhooks;
    private final OpenLetters letters;
    private final Attention attention;

    OverviewTab(
            Layout layout,
            ConsumerGroups groups,
            ConsumerOperations consumers,
            History history,
            Announcements announcements,
            Reruns reruns,
            ObjectProvider<WebhookOperations> webhooks,
            OpenLetters letters,
            Attention attention) {
        this.layout = layout;
        this.groups = groups;
        this.consumers = consumers;
        this.history = history;
        this.announcements = announcements;
        this.reruns = reruns;
        this.webhooks = webhooks;
        this.letters = letters;
        this.attention = attention;
    }

    /** A group on the overview; numbers are null if unknown, and lines are missing while the database is down. */
    record Group(
            Status status,
            @Nullable Integer lastMinute,
            @Nullable Long due,
            @Nullable Long failed,
            @Nullable Long deadLetters,
            List<Plot> lines) {}

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/", this::overview).build();
    }

    private ServerResponse overview(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        Instant now = Instant.now();
        Map<String, List<Step>> hour = new HashMap<>();
        boolean known = tried(() -> hour.putAll(history.since(Span.HOUR.since(now), Span.HOUR.each())));
        List<Group> all = groups.all().stream()
                .map(group -> group(group, now, known ? hour.getOrDefault(group.name(), List.of()) : null))
                .toList();
        List<Need> needs =
                new ArrayList<>(attention.known(all.stream().map(Group::status).toList()));
        if (known) {
            needs.addAll(attention.repeated(hour, now));
        }
        model.put("groups", all);
        model.put("refresh", request.param("refresh").filter("off"::equals).isEmpty());
        model.put("at", now);
        // What is in memory is shown even if the database is down: that is when it matters most.
        boolean complete = tried(() -> {
            List<Announcement> latest = announcements.latest();
            needs.addAll(attention.inTables(latest));
            model.put(
                    "announcements",
                    latest.stream().filter(some -> !some.ended()).toList());
            model.put(
                    "replays",
                    reruns.latest().stream()
                            .filter(some -> List.of("planning", "running").contains(some.state()))
                            .toList());
            // None on an instance without the webhooks.
            model.put(
                    "failing",
                    webhooks.stream()
                            .flatMap(here -> here.find(null, "failing", FAILING, null).rows().stream())
                            .toList());
        });
        model.put("databaseAway", !complete);
        model.put("needs", needs);
        long unknown = attention.unknown();
        model.put("unknown", unknown == 0 ? null : unknown);
        model.put("well", complete && unknown == 0 && needs.isEmpty());
        model.put("how", needs.size() == 1 ? "One thing needs you" : needs.size() + " things need you");
        return layout.page(request, "overview", "Overview", model);
    }

    private static boolean tried(Runnable question) {
        try {
            question.run();
            return true;
        } catch (DataAccessException | TransactionException e) {
            return false;
        }
    }

    private Group group(ConsumerGroup group, Instant now, @Nullable List<Step> hour) {
        String name = group.name();
        return new Group(
                consumers.status(group),
                hour == null
                        ? null
                        : Span.HOUR.last(now, hour).map(Step::handled).orElse(0),
                attention.inLedger(name, DeliveryStatus.DUE),
                attention.inLedger(name, DeliveryStatus.FAILED),
                letters.of(name).isPresent() ? letters.of(name).getAsLong() : null,
                hour == null
                        ? List.of()
                        : List.of(
                                Span.HOUR.plot("Handled", Unit.NUMBER, now, hour, List.of(HANDLED)),
                                Span.HOUR.plot("Lag", Unit.NUMBER, now, hour, List.of(HistoryTab.LAG))));
    }
}

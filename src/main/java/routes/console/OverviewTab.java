package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
import routes.consumer.ConsumerOperations;
import routes.consumer.ConsumerOperations.Status;
import routes.consumer.History;
import routes.consumer.History.Sample;
import routes.deadletter.OpenLetters;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryStatus;
import routes.webhook.WebhookOperations;

/** Whether all is well, how each group is doing, and what is in progress or failing. */
@Component
class OverviewTab implements Tab {

    private static final int FAILING = 20;
    private static final int LINE_WIDTH = 240;
    private static final int LINE_HEIGHT = 36;

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

    /** A line through the last hour, and its text for screen readers. */
    record Line(String path, String says) {}

    /** A group on the overview; numbers are null if unknown. */
    record Group(
            Status status,
            @Nullable Double perSecond,
            @Nullable Long due,
            @Nullable Long failed,
            @Nullable Long deadLetters,
            Line rateLine,
            Line lagLine) {}

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/", this::overview).build();
    }

    private ServerResponse overview(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        List<Group> all = groups.all().stream().map(this::group).toList();
        List<Need> needs =
                new ArrayList<>(attention.known(all.stream().map(Group::status).toList()));
        model.put("groups", all);
        model.put("refresh", request.param("refresh").filter("off"::equals).isEmpty());
        model.put("at", Instant.now());
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
        model.put("well", complete && needs.isEmpty());
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

    private Group group(ConsumerGroup group) {
        String name = group.name();
        List<Sample> samples = history.of(name);
        Sample latest = samples.isEmpty() ? null : samples.get(samples.size() - 1);
        return new Group(
                consumers.status(group),
                latest == null ? null : latest.perSecond(),
                attention.inLedger(name, DeliveryStatus.DUE),
                attention.inLedger(name, DeliveryStatus.FAILED),
                letters.of(name).isPresent() ? letters.of(name).getAsLong() : null,
                line(samples, Sample::perSecond, "events per second"),
                line(samples, sample -> (double) sample.lag(), "lag"));
    }

    private static Line line(List<Sample> samples, Function<Sample, Double> value, String what) {
        double most = samples.stream().mapToDouble(value::apply).max().orElse(0);
        return new Line(
                History.path(samples, value, LINE_WIDTH, LINE_HEIGHT),
                samples.isEmpty()
                        ? "%s: not known yet".formatted(what)
                        : "%s in the last hour: at most %,.1f".formatted(what, most));
    }
}

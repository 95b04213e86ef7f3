package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.dao.DataAccessException;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.consumer.ConsumersEndpoint;
import routes.consumer.ConsumersEndpoint.Status;
import routes.consumer.History;
import routes.consumer.History.Sample;
import routes.deadletter.DeadLetterOperations;
import routes.deadletter.DeadLetterOperations.Redriven;
import routes.deadletter.DeadLettersEndpoint;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.Deliveries;
import routes.delivery.DeliveriesEndpoint;
import routes.delivery.DeliveryStatus;
import routes.event.EventJson;
import routes.mail.announcement.FanOuts.FanOut;
import routes.mail.announcement.FanOutsEndpoint;
import routes.mail.announcement.FanOutsEndpoint.Progress;
import routes.operation.Operator;
import routes.position.Standings;
import routes.position.Standings.Standing;
import routes.replay.Replay;
import routes.replay.ReplaysEndpoint;
import routes.settings.SqlFiles;
import routes.webhook.RegisteredWebhooks;
import routes.webhook.WebhooksEndpoint;

/**
 * The pages of the management port: what operators look at most, and mend most. They ask the same operations as HTTP and JMX do,
 * with the same checks; who is logged in is who has asked ({@code by}). Without JavaScript, and nothing is loaded from elsewhere.
 */
@Component
class Pages {

    private static final int FAN_OUTS = 20;
    private static final String PAGE_SIZE = "50";
    private static final int CAMPAIGNS = 200;
    private static final int BOARD = 50;
    private static final int LINE_WIDTH = 240;
    private static final int LINE_HEIGHT = 36;

    /** Nothing but the stylesheet and forms of this port, and in no frame. */
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static final Map<String, String> PLACES = Map.of(
            "/deliveries", "Deliveries",
            "/deadletters", "Dead letters",
            "/campaigns", "Campaigns",
            "/progress", "Announcements and replays",
            "/webhooks", "Webhooks");
    private static final List<String> NAVIGATION =
            List.of("/", "/deliveries", "/deadletters", "/campaigns", "/progress", "/webhooks");

    private static final Map<String, String> REDRIVEN = Map.of(
            "due", "Its event is due in the ledger.",
            "duplicate", "Its event is in the ledger already: there is nothing to do.",
            "unreadable", "It still is not an event, and stays a dead letter.",
            "passes-over", "The group does not handle its type: nothing was done.",
            "refused", "The database does not take its event: nothing was done.");

    private static final Map<String, String> CHANGED = Map.of(
            "pause", "It is paused: no further mail goes out until it is resumed.",
            "resume", "It goes on.",
            "start", "It was started.",
            "cancel", "It is cancelled: nothing more of it is done.");

    private final PageTemplates templates;
    private final ConsumerGroups groups;
    private final ConsumersEndpoint consumers;
    private final DeliveriesEndpoint deliveries;
    private final DeadLettersEndpoint letters;
    private final FanOutsEndpoint fanOuts;
    private final ReplaysEndpoint replays;
    private final ObjectProvider<WebhooksEndpoint> webhooks;
    private final Standings standings;
    private final History history;
    private final MeterRegistry metrics;
    private final JdbcClient jdbc;
    private final String findCampaigns;

    Pages(
            PageTemplates templates,
            ConsumerGroups groups,
            ConsumersEndpoint consumers,
            DeliveriesEndpoint deliveries,
            DeadLettersEndpoint letters,
            FanOutsEndpoint fanOuts,
            ReplaysEndpoint replays,
            ObjectProvider<WebhooksEndpoint> webhooks,
            Standings standings,
            History history,
            MeterRegistry metrics,
            JdbcClient jdbc,
            SqlFiles sql) {
        this.templates = templates;
        this.groups = groups;
        this.consumers = consumers;
        this.deliveries = deliveries;
        this.letters = letters;
        this.fanOuts = fanOuts;
        this.replays = replays;
        this.webhooks = webhooks;
        this.standings = standings;
        this.history = history;
        this.metrics = metrics;
        this.jdbc = jdbc;
        this.findCampaigns = sql.read("console/find-campaigns.sql");
    }

    /** An entry of the navigation. */
    record Link(String path, String name, boolean current) {}

    /** A value of a selection. */
    record Choice(String value, boolean chosen) {}

    /** A line through the last hour, and what it says for those who do not see it. */
    record Line(String path, String says) {}

    /** A group on the overview; numbers are null where they are not known. */
    record Group(
            Status status,
            @Nullable Double perSecond,
            @Nullable Long due,
            @Nullable Long failed,
            long deadLetters,
            Line rateLine,
            Line lagLine) {}

    /** A campaign whose board has been calculated. */
    record Campaign(UUID id, @Nullable String name, String mode, long people, Instant recalculatedAt) {}

    /** A fan-out with its bar, and what can be done with it now. */
    record Announcement(
            FanOut fanOut,
            long done,
            long of,
            int percent,
            List<Count> counts,
            boolean ended,
            boolean pausable,
            boolean resumable) {

        boolean cancellable() {
            return pausable || resumable;
        }

        String label() {
            return fanOut.state();
        }
    }

    /** A replay with its bar, and what can be done with it now. */
    record Rerun(
            Replay replay,
            String state,
            int percent,
            List<Count> plan,
            List<Count> result,
            boolean startable,
            boolean cancellable) {

        /** The policy as operators spell it. */
        String policy() {
            return replay.request().policy().value();
        }

        /** The number of effects as a form sends it. */
        String expected() {
            return String.valueOf(replay.effects());
        }
    }

    /** How many came to what. */
    record Count(String what, long count) {}

    /** All pages. */
    RouterFunction<ServerResponse> routes() {
        return route().GET("/", this::overview)
                .GET("/deliveries", this::deliveries)
                .GET("/deliveries/{id}", this::delivery)
                .POST("/deliveries/{id}/retry", this::retry)
                .GET("/deadletters", this::deadLetters)
                .GET("/deadletters/{group}/{id}", this::deadLetter)
                .POST("/deadletters/{group}/{id}/redrive", this::redrive)
                .POST("/deadletters/{group}/redrive", this::redriveAll)
                .GET("/campaigns", this::campaigns)
                .GET("/campaigns/{id}", this::campaign)
                .GET("/progress", this::progress)
                .GET("/progress/announcements/{id}", this::announcement)
                .POST("/progress/announcements/{id}", this::changeAnnouncement)
                .GET("/progress/replays/{id}", this::replay)
                .POST("/progress/replays/{id}", this::changeReplay)
                .GET("/webhooks", this::webhooks)
                .POST("/webhooks/{id}/enable", this::enable)
                .GET("/look.css", request -> styles("look.css"))
                .GET("/style.css", request -> styles("style.css"))
                .onError(
                        InvalidEndpointRequestException.class,
                        (e, request) -> refusal(request, HttpStatus.BAD_REQUEST, e.getMessage()))
                .onError(
                        ResponseStatusException.class,
                        (e, request) -> refusal(
                                request,
                                ((ResponseStatusException) e).getStatusCode(),
                                ((ResponseStatusException) e).getReason()))
                .onError(
                        failure -> failure instanceof DataAccessException || failure instanceof TransactionException,
                        (e, request) -> refusal(
                                request, HttpStatus.SERVICE_UNAVAILABLE, "the database is away: try again later"))
                .build();
    }

    private static ServerResponse styles(String file) {
        return ServerResponse.ok()
                .contentType(MediaType.valueOf("text/css;charset=UTF-8"))
                .cacheControl(CacheControl.noCache())
                .body(PageTemplates.read(file).getBytes(StandardCharsets.UTF_8));
    }

    private ServerResponse overview(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        model.put("groups", groups.all().stream().map(this::group).toList());
        model.put("refresh", request.param("refresh").filter("off"::equals).isEmpty());
        model.put("at", Instant.now());
        // What is in memory is shown though the database is away: then most of all.
        model.put("databaseAway", !tried(() -> {
            model.put(
                    "announcements",
                    announcements().stream().filter(some -> !some.ended()).toList());
            model.put(
                    "replays",
                    reruns().stream()
                            .filter(some -> List.of("planning", "running").contains(some.state()))
                            .toList());
            model.put("failing", failing());
        }));
        return page(request, "overview", "Overview", model);
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
                consumers.show(name),
                latest == null ? null : latest.perSecond(),
                inLedger(name, DeliveryStatus.DUE),
                inLedger(name, DeliveryStatus.FAILED),
                (long) metrics.find("domain.events.dead.letters").tag("group", name).counters().stream()
                        .mapToDouble(Counter::count)
                        .sum(),
                line(samples, Sample::perSecond, "events a second"),
                line(samples, sample -> (double) sample.lag(), "lag"));
    }

    /** As of the last observation; null while the ledger cannot be read. */
    private @Nullable Long inLedger(String group, DeliveryStatus status) {
        Gauge gauge = metrics.find("deliveries")
                .tag("group", group)
                .tag("status", status.value())
                .gauge();
        return gauge == null || Double.isNaN(gauge.value()) ? null : (long) gauge.value();
    }

    private static Line line(List<Sample> samples, Function<Sample, Double> value, String what) {
        double most = samples.stream().mapToDouble(value::apply).max().orElse(0);
        return new Line(
                History.path(samples, value, LINE_WIDTH, LINE_HEIGHT),
                samples.isEmpty()
                        ? "%s: not known yet".formatted(what)
                        : "%s in the last hour: at most %,.1f".formatted(what, most));
    }

    private ServerResponse deliveries(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        for (String criterion : List.of("event", "campaign", "recipient", "webhook")) {
            model.put(criterion, given(request, criterion));
        }
        String group = given(request, "group");
        String status = given(request, "status");
        model.put("groups", choices(groupNames(), group));
        model.put(
                "statuses",
                choices(
                        Arrays.stream(DeliveryStatus.values())
                                .map(DeliveryStatus::value)
                                .toList(),
                        status));
        DeliveriesEndpoint.Page found = deliveries.find(
                given(request, "event"),
                given(request, "campaign"),
                group,
                given(request, "recipient"),
                status,
                given(request, "webhook"),
                PAGE_SIZE,
                given(request, "after"));
        model.put("deliveries", found.deliveries());
        model.put(
                "next",
                found.next() == null
                        ? null
                        : next(request, "after", found.next().toString()));
        return page(request, "deliveries", "Deliveries", model);
    }

    private ServerResponse delivery(ServerRequest request) {
        Deliveries.Whole whole = deliveries.show(request.pathVariable("id"));
        String status = whole.delivery().status();
        Map<String, Object> model = new HashMap<>();
        model.put("delivery", whole.delivery());
        model.put("attempts", whole.attempts());
        model.put("event", pretty(whole.event()));
        model.put(
                "retriable",
                !List.of(DeliveryStatus.DELIVERED.value(), DeliveryStatus.LEASED.value())
                        .contains(status));
        model.put("done", request.param("done").isPresent() ? "Retry was asked for: it is carried out now." : null);
        return page(request, "delivery", "Delivery", model);
    }

    private ServerResponse retry(ServerRequest request) {
        String id = request.pathVariable("id");
        deliveries.change(id, "retry", user(request), null);
        return seeOther("/deliveries/%s?done=retry".formatted(UUID.fromString(id)));
    }

    private ServerResponse deadLetters(ServerRequest request) {
        String group = given(request, "group");
        String shown = group == null ? groupNames().get(0) : group;
        DeadLetterOperations.Page found = letters.list(shown, PAGE_SIZE, given(request, "before"));
        Map<String, Object> model = new HashMap<>();
        model.put("groups", choices(groupNames(), shown));
        model.put("group", shown);
        model.put("letters", found.letters());
        model.put("next", found.next() == null ? null : next(request, "before", found.next()));
        return page(request, "dead-letters", "Dead letters", model);
    }

    private ServerResponse deadLetter(ServerRequest request) {
        String group = request.pathVariable("group");
        DeadLetterOperations.Whole whole = letters.show(group, request.pathVariable("id"));
        Map<String, Object> model = new HashMap<>();
        model.put("group", group);
        model.put("letter", whole.letter());
        model.put("value", whole.value());
        model.put("headers", whole.headers());
        model.put("open", whole.letter().state().equals("open"));
        model.put("done", request.param("result").map(REDRIVEN::get).orElse(null));
        return page(request, "dead-letter", "Dead letter", model);
    }

    private ServerResponse redrive(ServerRequest request) {
        String group = request.pathVariable("group");
        Redriven redriven =
                (Redriven) letters.change(group, request.pathVariable("id"), "redrive", user(request), null);
        return seeOther("/deadletters/%s/%s?result=%s".formatted(group, redriven.id(), redriven.result()));
    }

    /** At first it only says what would come of it, and asks. */
    private ServerResponse redriveAll(ServerRequest request) {
        String group = request.pathVariable("group");
        boolean sure = request.param("sure").isPresent();
        DeadLetterOperations.Bulk bulk = letters.changeAll(group, "redrive", user(request), sure ? "false" : "true");
        Map<String, Object> model = new HashMap<>();
        model.put("group", group);
        model.put("bulk", true);
        model.put("asks", !sure && bulk.letters() > 0);
        model.put("count", (long) bulk.letters());
        model.put("complete", bulk.complete());
        model.put(
                "results",
                bulk.results().entrySet().stream()
                        .map(result -> new Count(result.getKey(), result.getValue()))
                        .toList());
        model.put("message", null);
        return page(request, "message", sure ? "Re-driven" : "Re-drive all?", model);
    }

    private ServerResponse campaigns(ServerRequest request) {
        return page(request, "campaigns", "Campaigns", Map.of("campaigns", campaigns(null, CAMPAIGNS)));
    }

    private List<Campaign> campaigns(@Nullable UUID id, int limit) {
        return jdbc.sql(findCampaigns)
                .param("id", id)
                .param("limit", limit)
                .query(Campaign.class)
                .list();
    }

    private ServerResponse campaign(ServerRequest request) {
        UUID id = Operator.uuid("id", request.pathVariable("id"));
        Campaign campaign = campaigns(id, 1).stream()
                .findFirst()
                .orElseThrow(() ->
                        Operator.missing("there is no campaign %s, or its board was not calculated yet".formatted(id)));
        String after = given(request, "after");
        List<Standing> board = after == null
                ? standings.first(id, BOARD)
                : standings
                        .after(id, Operator.uuid("after", after), BOARD)
                        .orElseThrow(() -> Operator.missing("nobody on the board has the id " + after));
        Map<String, Object> model = new HashMap<>();
        model.put("campaign", campaign);
        model.put("standings", board);
        model.put(
                "next",
                board.size() < BOARD
                        ? null
                        : next(request, "after", board.get(BOARD - 1).userId().toString()));
        return page(request, "campaign", "Leaderboard", model);
    }

    private ServerResponse progress(ServerRequest request) {
        return page(
                request,
                "progress",
                "Announcements and replays",
                Map.of("announcements", announcements(), "replays", reruns()));
    }

    private List<Announcement> announcements() {
        return fanOuts.list(String.valueOf(FAN_OUTS)).fanouts().stream()
                .map(fanOut -> announcement(fanOut.id().toString()))
                .toList();
    }

    private Announcement announcement(String id) {
        Progress progress = fanOuts.show(id);
        FanOut fanOut = progress.fanout();
        boolean running = fanOut.state().equals("running");
        return new Announcement(
                fanOut,
                progress.done(),
                progress.of(),
                progress.of() == 0 ? 100 : (int) (100 * progress.done() / progress.of()),
                progress.counts().entrySet().stream()
                        .map(count -> new Count(count.getKey(), count.getValue()))
                        .toList(),
                !running && progress.done() == progress.of(),
                running,
                fanOut.state().equals("paused"));
    }

    private ServerResponse announcement(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        model.put("announcement", announcement(request.pathVariable("id")));
        model.put("done", request.param("done").map(CHANGED::get).orElse(null));
        return page(request, "announcement", "Announcement", model);
    }

    private ServerResponse changeAnnouncement(ServerRequest request) {
        String id = request.pathVariable("id");
        String action = given(request, "action");
        fanOuts.change(id, action, user(request), given(request, "reason"));
        return seeOther("/progress/announcements/%s?done=%s".formatted(UUID.fromString(id), action));
    }

    private List<Rerun> reruns() {
        return replays.list().stream().map(Pages::rerun).toList();
    }

    private static Rerun rerun(Replay replay) {
        String state = replay.state().value();
        return new Rerun(
                replay,
                state,
                replay.progress().percent(),
                counts(replay.plan().all()),
                counts(replay.result().all()),
                state.equals("planned"),
                List.of("planning", "planned", "running").contains(state));
    }

    private static List<Count> counts(Map<String, Map<String, Long>> counts) {
        return counts.entrySet().stream()
                .flatMap(subject -> subject.getValue().entrySet().stream()
                        .map(count -> new Count(subject.getKey() + ": " + count.getKey(), count.getValue())))
                .toList();
    }

    private ServerResponse replay(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        model.put("rerun", rerun(replays.find(request.pathVariable("id"))));
        model.put("done", request.param("done").map(CHANGED::get).orElse(null));
        return page(request, "replay", "Replay", model);
    }

    /** What is started is what the page has shown: it names the number of effects, and another one is refused. */
    private ServerResponse changeReplay(ServerRequest request) {
        String id = request.pathVariable("id");
        String action = given(request, "action");
        replays.act(id, action, given(request, "expected"), user(request));
        return seeOther("/progress/replays/%s?done=%s".formatted(UUID.fromString(id), action));
    }

    private ServerResponse webhooks(ServerRequest request) {
        String state = given(request, "state");
        Map<String, Object> model = new HashMap<>();
        WebhooksEndpoint endpoint = webhooks.getIfAvailable();
        model.put("elsewhere", endpoint == null);
        model.put("all", state == null);
        model.put("failing", "failing".equals(state));
        model.put("disabled", "disabled".equals(state));
        if (endpoint != null) {
            WebhooksEndpoint.Page found = endpoint.list(null, state, PAGE_SIZE, given(request, "after"));
            model.put("webhooks", found.webhooks());
            model.put(
                    "next",
                    found.next() == null
                            ? null
                            : next(request, "after", found.next().toString()));
        }
        return page(request, "webhooks", "Webhooks", model);
    }

    private List<RegisteredWebhooks.Webhook> failing() {
        WebhooksEndpoint endpoint = webhooks.getIfAvailable();
        return endpoint == null
                ? List.of()
                : endpoint.list(null, "failing", "20", null).webhooks();
    }

    private ServerResponse enable(ServerRequest request) {
        WebhooksEndpoint endpoint = webhooks.getIfAvailable();
        if (endpoint == null) {
            throw Operator.missing("this instance has not the role reward");
        }
        endpoint.change(request.pathVariable("id"), "enable", user(request), null, null);
        return seeOther("/webhooks");
    }

    private ServerResponse refusal(ServerRequest request, HttpStatusCode status, @Nullable String message) {
        Map<String, Object> model = new HashMap<>();
        model.put("bulk", false);
        model.put("message", message);
        return page(request, status, "message", "That did not work", model);
    }

    private ServerResponse page(ServerRequest request, String page, String title, Map<String, Object> model) {
        return page(request, HttpStatus.OK, page, title, model);
    }

    private ServerResponse page(
            ServerRequest request, HttpStatusCode status, String page, String title, Map<String, Object> model) {
        String path = request.path();
        Map<String, Object> all = new HashMap<>(model);
        all.putIfAbsent("refresh", false);
        all.put("title", title);
        all.put("user", user(request));
        all.put("operator", request.servletRequest().isUserInRole("operator"));
        all.put("session", request.servletRequest().getSession(false) != null);
        all.put(
                "navigation",
                NAVIGATION.stream()
                        .map(to -> new Link(
                                to,
                                PLACES.getOrDefault(to, "Overview"),
                                to.equals("/") ? path.equals("/") : path.startsWith(to)))
                        .toList());
        return ServerResponse.status(status)
                .contentType(MediaType.valueOf("text/html;charset=UTF-8"))
                .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                // A form of these pages says where it comes from, and nobody else hears of it.
                .header("Referrer-Policy", "same-origin")
                .body(templates.render(page, all).getBytes(StandardCharsets.UTF_8));
    }

    private static ServerResponse seeOther(String path) {
        return ServerResponse.seeOther(URI.create(path)).build();
    }

    /** The same search, one page on. */
    private static String next(ServerRequest request, String name, String value) {
        Map<String, String> query = new TreeMap<>(request.params().toSingleValueMap());
        query.put(name, value);
        return query.entrySet().stream()
                .map(some -> URLEncoder.encode(some.getKey(), StandardCharsets.UTF_8) + "="
                        + URLEncoder.encode(some.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", "?", ""));
    }

    private static @Nullable String given(ServerRequest request, String name) {
        return request.param(name)
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .orElse(null);
    }

    private List<String> groupNames() {
        return groups.all().stream().map(ConsumerGroup::name).toList();
    }

    private static List<Choice> choices(List<String> values, @Nullable String chosen) {
        return values.stream()
                .map(value -> new Choice(value, value.equals(chosen)))
                .toList();
    }

    /** The login lets nobody come here without a name. */
    private static String user(ServerRequest request) {
        return request.principal().orElseThrow().getName();
    }

    private static String pretty(Object json) {
        try {
            return EventJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}

package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.deadletter.DeadLetterId;
import routes.deadletter.DeadLetterOperations;
import routes.deadletter.DeadLetterOperations.Bulk;
import routes.deadletter.DeadLetterOperations.Details;
import routes.deadletter.DeadLetterOperations.Header;
import routes.deadletter.DeadLetterOperations.Redriven;
import routes.deadletter.DeadLetterOperations.Summary;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.explain.EventId;
import routes.operation.Arguments;
import routes.operation.Page;

/** Lists the dead letters of a group, shows one in full, and re-drives one or all of them, or discards one. Without groups it says so. */
@Component
class DeadLettersTab implements Tab {

    private static final int PAGE_SIZE = 50;
    private static final String READABLE = "readable";
    private static final Pattern EVENT_ID = Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\"");

    private final Layout layout;
    private final ConsumerGroups groups;
    private final DeadLetterOperations letters;

    DeadLettersTab(Layout layout, ConsumerGroups groups, DeadLetterOperations letters) {
        this.layout = layout;
        this.groups = groups;
        this.letters = letters;
    }

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/deadletters", this::deadLetters)
                .GET("/deadletters/{group}/{id}", this::deadLetter)
                .POST("/deadletters/{group}/{id}/redrive", this::redrive)
                .POST("/deadletters/{group}/{id}/discard", this::discard)
                .POST("/deadletters/{group}/redrive", this::redriveAll)
                .build();
    }

    private ServerResponse deadLetters(ServerRequest request) {
        Map<String, Object> model = new HashMap<>();
        boolean elsewhere = groups.all().isEmpty();
        model.put("elsewhere", elsewhere);
        if (!elsewhere) {
            ConsumerGroup chosen = given(request, "group", groups::named);
            ConsumerGroup group = chosen == null ? groups.all().iterator().next() : chosen;
            Page<Summary> found = letters.list(group, PAGE_SIZE, DeadLetterId.all("before", given(request, "before")));
            model.put("groups", Choice.groups(groups, group.name()));
            model.put("group", group.name());
            model.put("letters", found.rows());
            model.put("next", Requests.next(request, "before", found.next()));
        }
        return layout.page(request, "dead-letters", "Dead letters", model);
    }

    private ServerResponse deadLetter(ServerRequest request) {
        ConsumerGroup group = group(request);
        Details whole = letters.show(group, id(request));
        Map<String, Object> model = new HashMap<>();
        model.put("group", group.name());
        model.put("letter", whole.letter());
        model.put("value", whole.value());
        model.put("headers", whole.headers());
        model.put("event", event(whole));
        boolean open = whole.letter().state().equals("open");
        Redriven planned = open ? letters.plan(group, id(request)) : null;
        model.put("open", open);
        model.put("readable", planned != null && planned.result().equals(READABLE));
        model.put("unreadable", planned == null ? null : planned.reason());
        return layout.page(request, "dead-letter", "Dead letter", model);
    }

    /** The id of its event: a header of CloudEvents, or what reads like an id in a value that may not be JSON; null if there is neither. */
    private static @Nullable String event(Details letter) {
        Stream<Header> ids =
                letter.headers().stream().filter(header -> header.name().equals("ce_id"));
        Matcher inside = EVENT_ID.matcher(String.valueOf(letter.value()));
        return ids.map(header -> header.value() == null
                        ? ""
                        : String.valueOf(header.value().text()))
                .findFirst()
                .or(() -> inside.results().map(id -> id.group(1)).findFirst())
                .flatMap(EventId::of)
                .orElse(null);
    }

    private ServerResponse redrive(ServerRequest request) {
        ConsumerGroup group = group(request);
        Redriven redriven = letters.redrive(group, id(request), Requests.by(request));
        return Requests.seeOther(
                "/deadletters/%s/%s?done=%s".formatted(group.name(), redriven.id(), redriven.result()));
    }

    private ServerResponse discard(ServerRequest request) {
        ConsumerGroup group = group(request);
        Summary letter =
                letters.discard(group, id(request), Requests.by(request), Arguments.reason(given(request, "reason")));
        return Requests.seeOther("/deadletters/%s/%s?done=discarded".formatted(group.name(), letter.id()));
    }

    /** Without {@code sure} it only shows what would happen, and asks. */
    private ServerResponse redriveAll(ServerRequest request) {
        ConsumerGroup group = group(request);
        boolean sure = request.param("sure").isPresent();
        Bulk bulk = sure ? letters.redriveAll(group, Requests.by(request)) : letters.plan(group);
        Map<String, Object> model = new HashMap<>();
        model.put("group", group.name());
        model.put("bulk", true);
        model.put("plan", !sure);
        model.put("asks", !sure && bulk.results().containsKey(READABLE));
        model.put("readable", bulk.results().getOrDefault(READABLE, 0L));
        model.put("count", (long) bulk.letters());
        model.put("complete", bulk.complete());
        model.put("results", Count.all(bulk.results()));
        model.put("message", null);
        return layout.page(request, "message", sure ? "Re-driven" : "Re-drive all?", model);
    }

    private ConsumerGroup group(ServerRequest request) {
        return groups.named("group", request.pathVariable("group"));
    }

    private static DeadLetterId id(ServerRequest request) {
        return DeadLetterId.of("id", request.pathVariable("id"));
    }
}

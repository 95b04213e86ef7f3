package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.deadletter.DeadLetterOperations;
import routes.deadletter.DeadLetterOperations.Redriven;
import routes.deadletter.DeadLettersEndpoint;
import routes.delivery.ConsumerGroups;

/** Lists the dead letters of a group, shows one byte for byte, and gives one or all of them to the group again. */
@Component
class DeadLettersTab implements Tab {

    private static final String PAGE_SIZE = "50";

    private static final Map<String, String> REDRIVEN = Map.of(
            "due", "Its event is due in the ledger.",
            "duplicate", "Its event is in the ledger already: there is nothing to do.",
            "unreadable", "It still is not an event, and stays a dead letter.",
            "passes-over", "The group does not handle its type: nothing was done.",
            "refused", "The database does not take its event: nothing was done.");

    private final Layout layout;
    private final ConsumerGroups groups;
    private final DeadLettersEndpoint letters;

    DeadLettersTab(Layout layout, ConsumerGroups groups, DeadLettersEndpoint letters) {
        this.layout = layout;
        this.groups = groups;
        this.letters = letters;
    }

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/deadletters", this::deadLetters)
                .GET("/deadletters/{group}/{id}", this::deadLetter)
                .POST("/deadletters/{group}/{id}/redrive", this::redrive)
                .POST("/deadletters/{group}/redrive", this::redriveAll)
                .build();
    }

    private ServerResponse deadLetters(ServerRequest request) {
        String group = given(request, "group");
        String shown = group == null ? groups.all().iterator().next().name() : group;
        DeadLetterOperations.Page found = letters.list(shown, PAGE_SIZE, given(request, "before"));
        Map<String, Object> model = new HashMap<>();
        model.put("groups", Choice.groups(groups, shown));
        model.put("group", shown);
        model.put("letters", found.letters());
        model.put("next", Requests.next(request, "before", found.next()));
        return layout.page(request, "dead-letters", "Dead letters", model);
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
        return layout.page(request, "dead-letter", "Dead letter", model);
    }

    private ServerResponse redrive(ServerRequest request) {
        String group = request.pathVariable("group");
        Redriven redriven =
                (Redriven) letters.change(group, request.pathVariable("id"), "redrive", Requests.user(request), null);
        return Requests.seeOther("/deadletters/%s/%s?result=%s".formatted(group, redriven.id(), redriven.result()));
    }

    /** At first it only says what would come of it, and asks. */
    private ServerResponse redriveAll(ServerRequest request) {
        String group = request.pathVariable("group");
        boolean sure = request.param("sure").isPresent();
        DeadLetterOperations.Bulk bulk =
                letters.changeAll(group, "redrive", Requests.user(request), sure ? "false" : "true");
        Map<String, Object> model = new HashMap<>();
        model.put("group", group);
        model.put("bulk", true);
        model.put("asks", !sure && bulk.letters() > 0);
        model.put("count", (long) bulk.letters());
        model.put("complete", bulk.complete());
        model.put("results", Count.all(bulk.results()));
        model.put("message", null);
        return layout.page(request, "message", sure ? "Re-driven" : "Re-drive all?", model);
    }
}

package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.reward.RewardOperations;
import routes.reward.RewardOperations.Result;

/** Finds earned rewards; holds, releases and voids them, after it has shown how many that would be. */
@Component
class RewardsTab implements Tab {

    private static final int SHOWN = 50;

    private final Layout layout;
    private final ObjectProvider<RewardOperations> rewards;

    RewardsTab(Layout layout, ObjectProvider<RewardOperations> rewards) {
        this.layout = layout;
        this.rewards = rewards;
    }

    /** A field by which rewards are chosen. */
    record Field(String name, @Nullable String value) {

        String label() {
            return StringUtils.capitalize(name);
        }
    }

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/rewards", this::look)
                .POST("/rewards", this::change)
                .build();
    }

    private ServerResponse look(ServerRequest request) {
        return page(request, null);
    }

    private ServerResponse change(ServerRequest request) {
        String action = RewardOperations.action("action", given(request, "action"));
        return page(
                request,
                here().change(
                                chosen(request),
                                action,
                                given(request, "expected"),
                                Requests.by(request),
                                given(request, "reason")));
    }

    private ServerResponse page(ServerRequest request, @Nullable Result done) {
        String action = given(request, "action", RewardOperations::action);
        Map<String, Object> model = new HashMap<>();
        model.put("elsewhere", rewards.getIfAvailable() == null);
        model.put("fields", fields(request));
        model.put("actions", Choice.of(RewardOperations.ACTIONS, action));
        model.put("action", action);
        model.put("verb", action == null ? null : StringUtils.capitalize(action));
        model.put("explained", action != null && RewardOperations.EXPLAINED.contains(action));
        model.put("done", done);
        model.put("look", null);
        model.put("rewards", List.of());
        if (action != null) {
            Map<String, String> chosen = chosen(request);
            model.put("look", here().look(chosen, action));
            model.put("rewards", here().find(chosen, action, SHOWN, null).rows());
        }
        return layout.page(request, "rewards", "Rewards", model);
    }

    private RewardOperations here() {
        return Requests.here(rewards, "reward");
    }

    private static List<Field> fields(ServerRequest request) {
        return RewardOperations.FIELDS.stream()
                .map(name -> new Field(name, given(request, name)))
                .toList();
    }

    private static Map<String, String> chosen(ServerRequest request) {
        return RewardOperations.chosen(
                fields(request).stream().map(Field::value).toArray(String[]::new));
    }
}

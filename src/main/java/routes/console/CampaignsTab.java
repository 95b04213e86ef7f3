package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.operation.Arguments;
import routes.position.PositionOperations;
import routes.position.Standings;
import routes.rehearsal.RehearsalOperations;
import routes.rehearsal.RehearsalOperations.Report;
import routes.settings.Statements;

/** The campaigns, and the board of each, which is checked and recalculated; and rehearsals of campaigns. */
@Component
class CampaignsTab implements Tab {

    private static final int CAMPAIGNS = 200;
    private static final int BOARD = 50;
    private static final int DIFFERENCES = 20;

    private final Layout layout;
    private final Standings standings;
    private final ObjectProvider<PositionOperations> positions;
    private final RehearsalOperations rehearsals;
    private final Statements sql;

    CampaignsTab(
            Layout layout,
            Standings standings,
            ObjectProvider<PositionOperations> positions,
            RehearsalOperations rehearsals,
            Statements sql) {
        this.layout = layout;
        this.standings = standings;
        this.positions = positions;
        this.rehearsals = rehearsals;
        this.sql = sql;
    }

    /** A campaign; without a mode if its board has not been calculated. */
    record Campaign(
            UUID id,
            @Nullable String name,
            @Nullable String mode,
            long people,
            @Nullable Instant recalculatedAt) {}

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/campaigns", this::campaigns)
                .GET("/campaigns/rehearsal", request -> rehearsal(request, null))
                .POST("/campaigns/rehearsal", this::rehearse)
                .GET("/campaigns/{id}", this::campaign)
                .POST("/campaigns/{id}/recalculate", this::recalculate)
                .build();
    }

    private ServerResponse campaigns(ServerRequest request) {
        List<Campaign> found = campaigns(null, CAMPAIGNS + 1);
        Map<String, Object> model = Map.of(
                "campaigns",
                found.stream().limit(CAMPAIGNS).toList(),
                "shown",
                CAMPAIGNS,
                "more",
                found.size() > CAMPAIGNS);
        return layout.page(request, "campaigns", "Campaigns", model);
    }

    private List<Campaign> campaigns(@Nullable UUID id, int limit) {
        return sql.of("console/find-campaigns")
                .param("id", id)
                .param("limit", limit)
                .query(Campaign.class)
                .list();
    }

    private ServerResponse campaign(ServerRequest request) {
        UUID id = Requests.id(request);
        Campaign campaign = campaigns(id, 1).stream()
                .findFirst()
                .orElseThrow(() -> Arguments.missing(
                        "there is no campaign %s, or its board has not been calculated yet".formatted(id)));
        String after = given(request, "after");
        Standings.Page board = after == null
                ? standings.first(id, BOARD)
                : after(id, after).orElseThrow(() -> Arguments.missing("the board has nobody with the id " + after));
        Map<String, Object> model = new HashMap<>();
        // Only an instance with the role recalculates.
        model.put("here", positions.getIfAvailable() != null);
        model.put("checked", request.param("check").isEmpty() ? null : here().verify(id, DIFFERENCES));
        model.put("campaign", campaign);
        model.put("standings", board.standings());
        model.put("next", Requests.next(request, "after", board.next()));
        return layout.page(request, "campaign", "Leaderboard", model);
    }

    private Optional<Standings.Page> after(UUID id, String after) {
        try {
            return standings.after(id, after, BOARD);
        } catch (IllegalArgumentException e) {
            throw Arguments.wrong("after", "is neither a page of the board nor the id of a person");
        }
    }

    private ServerResponse recalculate(ServerRequest request) {
        UUID id = Requests.id(request);
        here().recalculate(id, Requests.by(request));
        return Requests.seeOther("/campaigns/%s?done=recalculate&check=yes".formatted(id));
    }

    private ServerResponse rehearse(ServerRequest request) {
        String campaign = Arguments.required("campaign", given(request, "campaign"));
        String by = Requests.by(request);
        return rehearsal(
                request,
                rehearsals.rehearse(
                        campaign, given(request, "person"), given(request, "to"), by, given(request, "reason")));
    }

    private ServerResponse rehearsal(ServerRequest request, @Nullable Report report) {
        Map<String, Object> model = new HashMap<>();
        Stream.of("campaign", "person", "to", "reason").forEach(field -> model.put(field, given(request, field)));
        model.put("report", report);
        return layout.page(request, "rehearsal", "Rehearsal", model);
    }

    private PositionOperations here() {
        return Requests.here(positions, "position");
    }
}

package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import org.springframework.transaction.support.TransactionTemplate;
import routes.position.CampaignEvents;
import routes.position.Leaderboards;
import routes.position.PositionSettings;

/** Positions by rank. This context takes no work from the shared one: nothing starts but what a test calls. */
@OnPlatform
@TestPropertySource(
        properties = {"positions.mode=rank", "camel.main.auto-startup-exclude-pattern=kafka:*,seda:*,scheduler:*"})
class PositionsByRankIT extends RecalculationContract {

    @Autowired
    private PositionSettings settings;

    @Autowired
    private CamelContext camel;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Leaderboards leaderboards;

    @Autowired
    private TransactionTemplate transaction;

    @Test
    void rankIsTheMode() {
        assertThat(settings.mode()).isEqualTo(PositionSettings.Mode.RANK);
    }

    @Test
    void aBoardThatCouldNotBeRepairedHasItsTurnAgainInFiveMinutes() {
        UUID board = UUID.randomUUID();
        List<String> turns = new ArrayList<>();
        transaction.executeWithoutResult(
                status -> { // nobody else sees it
                    status.setRollbackOnly();
                    jdbc.sql("INSERT INTO event_routes.leaderboard (campaign_id, mode, points, people, recalculated_at)"
                                    + " VALUES (?, 'rank', 1, 1, '2000-01-01')")
                            .param(board)
                            .update();
                    for (String minutes : List.of("0", "4", "2")) {
                        jdbc.sql(
                                        "UPDATE event_routes.leaderboard SET recalculated_at = recalculated_at - CAST(? AS interval)"
                                                + " WHERE campaign_id = ?")
                                .params(minutes + " minutes", board)
                                .update();
                        CampaignEvents due = leaderboards.dueForRepair();
                        turns.add(due == null ? "nobody" : due.campaignId());
                    }
                });

        assertThat(turns).containsExactly(board.toString(), "nobody", board.toString());
    }

    @Test
    void nothingIsConsumedHere() {
        List<Route> started = camel.getRoutes().stream()
                .filter(route ->
                        camel.getRouteController().getRouteStatus(route.getId()).isStarted())
                .toList();

        assertThat(started)
                .extracting(route -> route.getEndpoint().getEndpointBaseUri())
                .isNotEmpty()
                .allSatisfy(uri -> assertThat(uri).startsWith("direct:"));
    }
}

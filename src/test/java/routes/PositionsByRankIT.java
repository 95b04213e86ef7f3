package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
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

    @Test
    void rankIsTheMode() {
        assertThat(settings.mode()).isEqualTo(PositionSettings.Mode.RANK);
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

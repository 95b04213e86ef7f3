package routes.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.RouteController;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.TestCampaign;
import routes.event.EventData.UserSignedUp;
import routes.event.EventPublisher;
import routes.event.Events;

/** An instance whose workers an operator has stopped or suspended leaves their work to the other instances. */
@OnPlatform
class StoppedWorkersIT {

    private static final String ROUTE = "email-worker";
    private static final int EVENTS = 20;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private CamelContext camel;

    @Autowired
    private HandOver queues;

    private TestCampaign campaign;

    @BeforeEach
    void prepare() {
        pipeline.awaitDrained();
        campaign = TestCampaign.create(jdbc);
    }

    @AfterEach
    void startAgain() throws Exception {
        RouteController routes = camel.getRouteController();
        if (routes.getRouteStatus(ROUTE).isSuspended()) {
            routes.resumeRoute(ROUTE);
        } else {
            routes.startRoute(ROUTE);
        }
        pipeline.awaitDrained();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theyHoldNothingThatOthersCouldCarryOut(boolean suspended) throws Exception {
        if (suspended) {
            camel.getRouteController().suspendRoute(ROUTE);
        } else {
            camel.getRouteController().stopRoute(ROUTE);
        }

        for (int i = 0; i < EVENTS; i++) {
            publisher.publish(Events.of(
                    new UserSignedUp(campaign.person().toString(), campaign.id().toString(), Events.email())));
        }

        await().until(() -> count("due") == EVENTS);
        await().during(Duration.ofMillis(500)).until(() -> count("due") == EVENTS);
        assertThat(queues.room("email-workers")).isZero();
        assertThat(queues.queued("email-workers")).isZero();

        startAgain();
        assertThat(count("delivered")).isEqualTo(EVENTS);
    }

    private int count(String status) {
        return jdbc.sql("SELECT count(*) FROM event_routes.delivery WHERE consumer_group = 'email-workers'"
                        + " AND campaign_id = :campaign AND status = :status")
                .param("campaign", campaign.id().toString())
                .param("status", status)
                .query(Integer.class)
                .single();
    }
}

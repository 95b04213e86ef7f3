package routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.Platform;
import routes.dev.WebhookReceiver;
import routes.dev.WebhookReceiver.Answer;
import routes.event.DomainEvent;
import routes.event.EventPublisher;

/** One instance has room for what another one holds. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class TwoInstancesIT {

    private static final String PATH = "/webhooks/slow";
    private static final int REWARDS = 30;

    /** Three times what it takes until an instance counts as gone. */
    private static final Duration HELD = Duration.ofSeconds(9);

    @Autowired
    private Platform platform;

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private CamelContext camel;

    @Autowired
    private WebhookReceiver webhooks;

    private TestCampaign campaign;

    @BeforeEach
    void prepare() throws Exception {
        camel.getRouteController().stopRoute("reward-workers"); // what this one carries out it has from the ledger
    }

    @AfterEach
    void cleanUp() throws Exception {
        camel.getRouteController().startRoute("reward-workers");
    }

    @Test
    void aWebhookIsPostedOnceThoughItsInstanceWaitsForTheApplicationWithAllItsConnections() throws Exception {
        String url = platform.inboxUrl() + PATH;
        campaign.webhook(url, "active", TestCampaign.SECRET);
        webhooks.answer(PATH, new Answer(200, Map.of(), Duration.ofSeconds(1)));
        List<DomainEvent> events =
                Stream.generate(() -> campaign.rewardEarned(url)).limit(REWARDS).toList();
        Map<String, Object> variables = new HashMap<>(platform.settings());
        variables.putAll(
                Map.of("SERVER_PORT", "0", "MANAGEMENT_PORT", "0", "SERVICE_ROLES", "reward", "DB_POOL_SIZE", "2"));
        List<String> arguments = List.of("--deliveries.heartbeat-interval=500ms", "--deliveries.heartbeat-timeout=3s");

        try (ConfigurableApplicationContext other = RefusedStartIT.run(variables, arguments);
                Connection application = platform.database().dataSource().getConnection()) {
            application.setAutoCommit(false);
            publisher.publish(events);
            await().until(() -> webhooks.list().size() >= REWARDS / 3);
            try (PreparedStatement rows =
                    application.prepareStatement("SELECT FROM user_rewards WHERE campaign_id = ? FOR UPDATE")) {
                rows.setObject(1, campaign.id());
                rows.execute();
            }
            await().atMost(HELD.multipliedBy(2)).pollDelay(HELD).until(other::isActive);
            application.rollback();

            pipeline.awaitDrained();
        }

        assertThat(webhooks.list())
                .extracting(webhook -> webhook.headers().get("webhook-id"))
                .hasSize(REWARDS)
                .doesNotHaveDuplicates();
    }
}

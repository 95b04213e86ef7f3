package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import routes.delivery.DeliveryException;
import routes.reward.Reward;

/** Whom a reward is sent to: the one whose turn it is, or nobody. */
class WebhookReceiverTest {

    private final UUID id = UUID.randomUUID();
    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());

    @SuppressWarnings("unchecked")
    private final Webhooks webhooks = new Webhooks(
            WebhookFixtures.settings(),
            mock(ReceiverHealth.class),
            mock(WebhookLanes.class),
            mock(ObjectProvider.class));

    @Test
    void theOneWhoseTurnItIs() {
        webhooks.receiver(reward("active", null), callOf(id), exchange);

        assertThat(exchange.getProperty(Webhooks.WEBHOOK)).extracting("id").isEqualTo(id);
    }

    @Test
    void anotherOneThanThatWhoseTurnItIsIsNotCalledInItsTurn() {
        assertThatThrownBy(() -> webhooks.receiver(reward("active", null), callOf(UUID.randomUUID()), exchange))
                .isInstanceOf(DeliveryException.Later.class)
                .hasMessage("not tried: the reward's webhook has just changed");
    }

    @Test
    void noneIsCalledWithoutATurn() {
        assertThatThrownBy(() -> webhooks.receiver(reward("active", null), null, exchange))
                .isInstanceOf(DeliveryException.Later.class);
    }

    @Test
    void oneThatIsDisabledIsNotCalled() {
        assertThatThrownBy(() -> webhooks.receiver(reward("disabled", null), callOf(id), exchange))
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessage("the webhook is disabled");
        assertThatThrownBy(() -> webhooks.receiver(reward("active", "since Friday: it is gone"), callOf(id), exchange))
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessageContaining("since Friday: it is gone");
    }

    private static WebhookCall callOf(UUID webhook) {
        return WebhookFixtures.call(new Receiver(webhook.toString(), WebhookFixtures.settings(), 0), Runnable::run);
    }

    private Reward reward(String status, @Nullable String disabledBecause) {
        return new Reward(
                "ur",
                "u",
                "ada@example.com",
                "r",
                "A shirt",
                null,
                "gift",
                NullNode.getInstance(),
                "webhook",
                new Reward.Webhook(id, "c-1", "https://hooks.example.com/", List.of(), status, false, disabledBecause));
    }
}

package routes.webhook;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import routes.delivery.Delivery;
import routes.event.EventType;
import routes.event.Events;

/** Settings of webhooks as they are bound, and calls. */
final class WebhookFixtures {

    private WebhookFixtures() {}

    static WebhookSettings settings() {
        return settings(Map.of());
    }

    /** Those that differ from the defaults, without the prefix. */
    static WebhookSettings settings(Map<String, ?> different) {
        Map<String, Object> all = new HashMap<>();
        different.forEach((key, value) -> all.put("webhooks." + key, value));
        return new Binder(new MapConfigurationPropertySource(all)).bindOrCreate("webhooks", WebhookSettings.class);
    }

    /** A call of a receiver that has not come yet. */
    static WebhookCall call(Receiver receiver, Executor threads) {
        Delivery delivery = new Delivery(
                UUID.randomUUID(),
                "reward-workers",
                "",
                Events.any(EventType.REWARD_EARNED),
                0,
                0,
                1,
                false,
                false,
                receiver.id());
        return new WebhookCall(delivery, receiver, threads);
    }
}

package routes.webhook;

import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Settings of webhooks as they are bound. */
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
}

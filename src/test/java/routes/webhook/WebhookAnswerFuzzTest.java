package routes.webhook;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.mockito.Mockito;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.test.util.ReflectionTestUtils;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.event.DomainEvent;
import routes.event.EventData;
import routes.reward.Reward;

/** What a receiver answers. The input is the code in the first line, Retry-After in the second, and the body behind them. */
class WebhookAnswerFuzzTest {

    // Without a memory of what was called, which would grow with each input.
    private final ReceiverHealth health =
            Mockito.mock(ReceiverHealth.class, Mockito.withSettings().stubOnly());
    private final WebhookLanes lanes =
            Mockito.mock(WebhookLanes.class, Mockito.withSettings().stubOnly());

    @SuppressWarnings("unchecked")
    private final Webhooks webhooks =
            new Webhooks(WebhookFixtures.settings(), health, lanes, (ObjectProvider<BuildProperties>)
                    Mockito.mock(ObjectProvider.class, Mockito.withSettings().stubOnly()));

    @FuzzTest
    void isAnOutcomeAndAsksForAPauseOfADayAtMost(byte[] input) {
        String[] lines = new String(input, ISO_8859_1).split("\n", 3);
        int code = lines[0].matches("[1-9]\\d{2}") ? Integer.parseInt(lines[0]) : 503;
        String retryAfter = lines.length < 2 ? null : lines[1];
        byte[] body = lines.length < 3 ? null : lines[2].getBytes(ISO_8859_1);
        // In no fields: the fuzzer redefines the classes of those, and the JVM breaks records whose components are
        // annotated.
        DomainEvent event = DomainEvent.now(new EventData.RewardEarned("ur-1", "u-1", "c-1", "r-1"));
        // At the last try, after which a client's error is for good.
        Delivery delivery = new Delivery(new UUID(0, 2), "webhook-workers", "", event, 3, 3, 1, false, false, null);
        Reward.Webhook webhook = new Reward.Webhook(
                new UUID(0, 1), "c-1", "https://hooks.example.com/", List.of(), "active", false, null);
        WebhookCall call = new WebhookCall(
                delivery, new Receiver(webhook.id().toString(), WebhookFixtures.settings(), 0), Runnable::run);
        try {
            webhooks.answered(code, retryAfter, body, delivery, webhook, call);
            assertThat(code).isBetween(200, 299);
        } catch (DeliveryException.Transient e) {
            if (ReflectionTestUtils.getField(e, "wait") instanceof Duration pause) {
                assertThat(pause).isBetween(Duration.ofSeconds(1), Duration.ofDays(1));
            }
        } catch (DeliveryException.Permanent e) {
            assertThat(e.getMessage()).contains(String.valueOf(code)).hasSizeLessThan(1000);
        }
    }
}

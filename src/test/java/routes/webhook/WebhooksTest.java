package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.Mockito;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import routes.delivery.DeliveryException;
import routes.reward.Reward;
import routes.webhook.WebhookTimeoutException.Step;

/** Why there was no answer: what is told of a reward that is voided depends on whether anything was sent. */
class WebhooksTest {

    private static final Reward.Webhook WEBHOOK = new Reward.Webhook(
            UUID.randomUUID(), "c-1", "https://hooks.example.com/", List.of(), "active", false, null);

    @SuppressWarnings("unchecked")
    private final Webhooks webhooks = new Webhooks(
            WebhookFixtures.settings(),
            Mockito.mock(ReceiverHealth.class),
            Mockito.mock(WebhookLanes.class),
            (ObjectProvider<BuildProperties>) Mockito.mock(ObjectProvider.class));

    static Stream<IOException> beforeAnythingIsSent() {
        return Stream.of(
                new ConnectException("Connection refused"),
                new UnknownHostException("hooks.example.com"),
                new SSLHandshakeException("unable to find valid certification path to requested target"),
                new SSLPeerUnverifiedException("Certificate doesn't match"),
                timeout(Step.CONNECT),
                timeout(Step.TLS));
    }

    @ParameterizedTest
    @MethodSource("beforeAnythingIsSent")
    void whatFailsBeforeAnythingIsSentHadNoConnection(IOException failure) {
        assertThat(reason(failure)).startsWith("no connection to the receiver");
    }

    static Stream<IOException> whenItMayBeSent() {
        return Stream.of(
                new SocketException("Connection reset"),
                new SSLException("closing inbound before receiving peer's close_notify"),
                timeout(Step.ANSWER),
                timeout(Step.END));
    }

    @ParameterizedTest
    @MethodSource("whenItMayBeSent")
    void whatFailsWhenItMayBeSentHadAConnection(IOException failure) {
        assertThat(reason(failure)).doesNotContain("no connection");
    }

    private String reason(IOException failure) {
        WebhookCall call = WebhookFixtures.call(
                new Receiver(WEBHOOK.id().toString(), WebhookFixtures.settings(), 0), Runnable::run);
        return String.valueOf(catchThrowableOfType(
                        DeliveryException.Transient.class, () -> webhooks.unanswered(failure, WEBHOOK, call))
                .getMessage());
    }

    private static WebhookTimeoutException timeout(Step step) {
        return new WebhookTimeoutException(step, Duration.ofSeconds(15), new SocketTimeoutException());
    }
}

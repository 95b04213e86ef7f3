package routes.reward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.delivery.DeliveryException;

class WebhookSignatureTest {

    private static final String PAYLOAD = "{\"type\":\"reward.delivered\"}";

    @Test
    void signsAsTheSpecificationsExample() {
        // The vector that the implementations of Standard Webhooks share.
        String signature = WebhookSignature.sign(
                List.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1614265330,
                "{\"test\": 2432232314}".getBytes(UTF_8));

        assertThat(signature).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void isAcceptedByTheIndependentLibraryWithEachSecretWhileKeysRotate() {
        String newer = secret(32);
        String older = secret(24);
        long now = Instant.now().getEpochSecond();

        String signature = WebhookSignature.sign(List.of(newer, older), "msg_1", now, PAYLOAD.getBytes(UTF_8));

        HttpHeaders headers = HttpHeaders.of(
                Map.of(
                        "webhook-id", List.of("msg_1"),
                        "webhook-timestamp", List.of(String.valueOf(now)),
                        "webhook-signature", List.of(signature)),
                (name, value) -> true);
        assertThatCode(() -> new Webhook(newer).verify(PAYLOAD, headers)).doesNotThrowAnyException();
        assertThatCode(() -> new Webhook(older).verify(PAYLOAD, headers)).doesNotThrowAnyException();
        assertThatThrownBy(() -> new Webhook(secret(40)).verify(PAYLOAD, headers))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64"})
    void refusesASecretInAWrongFormWithoutShowingIt(String secret) {
        assertThatThrownBy(() -> WebhookSignature.sign(List.of(secret), "msg_1", 1, new byte[0]))
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessage("a secret of the webhook is not in the form whsec_ and the Base64 of 24 to 64 bytes");
    }

    private static String secret(int bytes) {
        byte[] key = new byte[bytes];
        java.util.Arrays.fill(key, (byte) bytes);
        return "whsec_" + Base64.getEncoder().encodeToString(key);
    }
}

package routes.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import java.net.http.HttpHeaders;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
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
    @ValueSource(
            strings = {
                "",
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whsec_",
                "whsec_c2hvcnQ=",
                "whsec_not base64",
                "whsk_c2hvcnQ=",
                "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
            })
    void refusesASecretInAWrongFormWithoutShowingIt(String secret) {
        assertThatThrownBy(() -> WebhookSignature.sign(List.of(secret), "msg_1", 1, new byte[0]))
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessage(
                        "a secret of the webhook is neither whsec_ and 24 to 64 bytes in Base64, nor whsk_ and an ed25519 key");
    }

    /** Keys of RFC 8032, section 7.1, test 1, with the public key behind the seed and without. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
                        + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
            })
    void aPrivateKeySignsSoThatItsPublicKeyVerifies(String key) throws Exception {
        String secret =
                "whsk_" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(key));

        String signature = WebhookSignature.sign(List.of(secret), "msg_1", 1614265330, PAYLOAD.getBytes(UTF_8));

        assertThat(signature).startsWith("v1a,");
        byte[] publicKey = HexFormat.of()
                .parseHex(
                        "302a300506032b6570032100" // SubjectPublicKeyInfo of Ed25519 (RFC 8410)
                                + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(publicKey)));
        verifier.update(("msg_1.1614265330." + PAYLOAD).getBytes(UTF_8));
        assertThat(verifier.verify(Base64.getDecoder().decode(signature.substring("v1a,".length()))))
                .isTrue();
    }

    @Test
    void bothKindsOfSecretSignSideBySide() {
        String asymmetric = "whsk_" + Base64.getEncoder().encodeToString(new byte[32]);

        assertThat(WebhookSignature.sign(List.of(secret(24), asymmetric), "msg_1", 1, new byte[0]))
                .matches("v1,[A-Za-z0-9+/=]{44} v1a,[A-Za-z0-9+/=]{88}");
    }

    private static String secret(int bytes) {
        byte[] key = new byte[bytes];
        java.util.Arrays.fill(key, (byte) bytes);
        return "whsec_" + Base64.getEncoder().encodeToString(key);
    }
}

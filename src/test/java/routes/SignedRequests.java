package routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.standardwebhooks.Webhook;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import routes.dev.ReceivedWebhook;

/** What a receiver looks at: the signature, by an independent library, and that nothing else was sent. */
public final class SignedRequests {

    private SignedRequests() {}

    /** Fails if the request is not signed with the secret, or not just now. */
    public static void verify(ReceivedWebhook request, String secret) throws Exception {
        Map<String, List<String>> headers = request.headers().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, header -> List.of(header.getValue())));
        new Webhook(secret).verify(request.body(), HttpHeaders.of(headers, (name, value) -> true));
    }

    /** Fails if a request has other headers than HTTP and Standard Webhooks ask for. */
    public static void requireNoOtherHeaders(ReceivedWebhook request) {
        assertThat(request.headers().keySet())
                .isSubsetOf(
                        "webhook-id",
                        "webhook-timestamp",
                        "webhook-signature",
                        "content-type",
                        "content-length",
                        "user-agent",
                        "host",
                        "connection",
                        "transfer-encoding");
        assertThat(request.headers().get("user-agent")).startsWith("domain-event-routes/");
        assertThat(request.headers().get("content-type")).isEqualTo("application/json");
    }
}

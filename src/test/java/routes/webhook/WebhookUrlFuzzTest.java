package routes.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.URI;
import java.net.URL;
import java.util.Map;
import org.apache.hc.core5.http.HttpHost;
import routes.delivery.DeliveryException;

/** The URL of a webhook. No name is looked up. */
class WebhookUrlFuzzTest {

    @FuzzTest
    void isReadByAllInTheSameWayOrRefused(byte[] input) throws Exception {
        String url = new String(input, UTF_8);
        try {
            WebhookUrl.check(url, Settings.WIDE);
        } catch (DeliveryException.Permanent e) {
            assertThat(e.getMessage()).contains("webhook's URL");
            return;
        }
        URI uri = new URI(url);
        assertThat(new URL(url).getHost()).isEqualTo(uri.getHost());
        HttpHost host = HttpHost.create(uri);
        assertThat(withoutBrackets(host.getHostName())).isEqualToIgnoringCase(withoutBrackets(uri.getHost()));
        assertThat(host.getPort()).isEqualTo(uri.getPort());
    }

    private static String withoutBrackets(String host) {
        return host.replaceAll("[\\[\\]]", "");
    }

    /** In no field of the test: the fuzzer redefines the classes of those, and the JVM breaks records whose components are annotated. */
    private static final class Settings {
        static final WebhookSettings WIDE = WebhookFixtures.settings(Map.of("allow-http", true, "ports", "1-65535"));
    }
}

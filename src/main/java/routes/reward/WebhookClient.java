package routes.reward;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.component.jackson.JacksonDataFormat;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.Timeout;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import routes.event.EventJson;

/** The HTTP client of the webhooks: guarded addresses, kept connections, and nothing remembered between requests. */
@Configuration(proxyBeanMethods = false)
class WebhookClient {

    private static final int CONNECTIONS = 200;
    private static final int CONNECTIONS_A_RECEIVER = 20;

    @Bean
    PoolingHttpClientConnectionManager webhookConnections(AddressGuard guard, WebhookSettings settings) {
        Timeout timeout = Timeout.of(settings.timeout());
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setDnsResolver(guard)
                .setMaxConnTotal(CONNECTIONS)
                .setMaxConnPerRoute(CONNECTIONS_A_RECEIVER)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(timeout)
                        .setSocketTimeout(timeout)
                        .build())
                .setDefaultSocketConfig(
                        SocketConfig.custom().setSoTimeout(timeout).build())
                .build();
    }

    /** One attempt a request: the ledger decides when to try again. */
    @Bean
    HttpClientConfigurer webhookClientConfigurer(WebhookDeadline deadline) {
        return client -> client.addExecInterceptorFirst("deadline", deadline)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression();
    }

    /** JSON as the payloads of webhooks are written. */
    @Bean
    JacksonDataFormat webhookJson() {
        JsonMapper mapper = EventJson.mapper();
        return new JacksonDataFormat(mapper, WebhookPayload.class);
    }
}

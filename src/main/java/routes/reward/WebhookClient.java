package routes.reward;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.httpcomponents.hc5.PoolingHttpClientConnectionManagerMetricsBinder;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.component.jackson.JacksonDataFormat;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import routes.event.EventJson;
import routes.settings.OnRole;
import routes.settings.Role;

/** The HTTP client of the webhooks: guarded addresses, kept connections, and nothing remembered between requests. */
@OnRole(Role.REWARD)
@Configuration(proxyBeanMethods = false)
class WebhookClient {

    /** A kept connection is made anew after this: names move, and so do the addresses that were checked. */
    private static final TimeValue KEPT = TimeValue.ofMinutes(5);

    @Bean
    PoolingHttpClientConnectionManager webhookConnections(AddressGuard guard, WebhookSettings settings) {
        return connections(PoolingHttpClientConnectionManagerBuilder.create(), guard, settings);
    }

    /** {@code httpcomponents_httpclient_pool_*}: connections that are leased, available, waited for. */
    @Bean
    MeterBinder webhookConnectionMetrics(PoolingHttpClientConnectionManager webhookConnections) {
        return new PoolingHttpClientConnectionManagerMetricsBinder(webhookConnections, "webhooks");
    }

    static PoolingHttpClientConnectionManager connections(
            PoolingHttpClientConnectionManagerBuilder builder, AddressGuard guard, WebhookSettings settings) {
        Timeout timeout = Timeout.of(settings.timeout());
        // Who may call whom is for WebhookLanes to say; several webhooks may share a host.
        int connections = settings.connections() + settings.slowConnections();
        return builder.setDnsResolver(guard)
                .setMaxConnTotal(connections)
                .setMaxConnPerRoute(connections)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(timeout)
                        .setSocketTimeout(timeout)
                        .setTimeToLive(KEPT)
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

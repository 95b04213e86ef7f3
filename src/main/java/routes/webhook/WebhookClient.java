package routes.webhook;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.httpcomponents.hc5.PoolingHttpClientConnectionManagerMetricsBinder;
import org.apache.camel.component.jackson.JacksonDataFormat;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import routes.event.EventJson;
import routes.settings.OnRole;
import routes.settings.Role;
import routes.webhook.WebhookTimeoutException.Step;

/**
 * The HTTP client of the webhooks: guarded addresses, kept connections, and no state between requests. It is built completely
 * here: neither options of Camel's HTTP component nor system properties such as {@code https.proxyHost} affect it. A proxy
 * would look up hosts itself, behind the back of the {@link AddressGuard}. Reports by webhook fetch certificates with it.
 */
@OnRole({Role.REWARD, Role.PUBLISH})
@Configuration(proxyBeanMethods = false)
class WebhookClient {

    /** A kept connection is replaced after this time: names move to other addresses, which must be checked. */
    private static final TimeValue KEPT = TimeValue.ofMinutes(5);

    /** The limit for headers and trailers of an answer: without it, an endless line would fill the heap. */
    private static final Http1Config HEAD = Http1Config.custom()
            .setMaxLineLength(16 * 1024)
            .setMaxHeaderCount(200)
            .build();

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
        TlsSocketStrategy tls = DefaultClientTlsStrategy.createDefault();
        // WebhookScheduler limits the calls; several webhooks may share a host.
        int connections = settings.connections() + settings.slowConnections();
        return builder.setDnsResolver(guard)
                .setTlsSocketStrategy((socket, host, port, attachment, context) -> {
                    WebhookDeadline.reaches(Step.TLS, context);
                    return tls.upgrade(socket, host, port, attachment, context);
                })
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                        .http1Config(HEAD)
                        .build())
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

    /** One attempt per request: the ledger schedules retries. */
    @Bean
    static CloseableHttpClient webhookHttpClient(
            PoolingHttpClientConnectionManager webhookConnections, WebhookDeadline deadline) {
        return HttpClients.custom()
                .setConnectionManager(webhookConnections)
                .setRoutePlanner(
                        new DefaultRoutePlanner(DefaultSchemePortResolver.INSTANCE)) // directly to the receiver
                .addExecInterceptorFirst("deadline", deadline)
                .addExecInterceptorAfter(ChainElement.CONNECT.name(), "connected", (request, scope, chain) -> {
                    WebhookDeadline.reaches(Step.ANSWER, scope.clientContext);
                    return chain.proceed(request, scope);
                })
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .build();
    }

    /** JSON as in the payloads of webhooks. */
    @Bean
    JacksonDataFormat webhookJson() {
        JsonMapper mapper = EventJson.mapper();
        return new JacksonDataFormat(mapper, WebhookPayload.class);
    }
}

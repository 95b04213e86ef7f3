package faults;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.dev.EmbeddedKafka;

/** What may happen to the network between the service and each of those that it talks to. */
@Tag(Stage.FURTHER)
@ExtendWith(Stage.Provider.class)
class NetworkFaultsIT {

    /** A connection that carries nothing is given up after so long, here sooner than in production. */
    private static final String[] IMPATIENT = {
        "--mail.timeout=3s",
        "--mail.accept-timeout=3s",
        "--webhooks.timeout=3s",
        "--spring.datasource.hikari.data-source-properties.socketTimeout=5",
        "--camel.component.kafka.consumer-request-timeout-ms=5000"
    };

    private static final int SLOW_BYTES_A_SECOND = 20_000;

    private final Stage stage;

    NetworkFaultsIT(Stage stage) {
        this.stage = stage;
    }

    /** What is done to which connection. */
    record Cell(String name, Proxy proxy, Consumer<Proxy> fault) {}

    @Test
    void f8ABadNetworkToAnyoneLosesNothingAndAllFlowsAgainWhenItIsGood() throws Exception {
        Duration bad = Duration.ofSeconds(Stage.isLong() ? 40 : 4);
        try (Fault fault = stage.fault(
                        "F8", "slow, resetting and half-open TCP, %d s each".formatted(bad.toSeconds()), "I1-I4");
                Proxy kafka = Proxy.to(0);
                Proxy database = Proxy.to(port(stage.platform().database().url().substring("jdbc:".length())));
                Proxy smtp = Proxy.to(stage.mails().port());
                Proxy http = Proxy.to(port(stage.webhooks().url()))) {
            stage.endShared();
            kafka.target(((EmbeddedKafka) stage.platform().kafka()).restartBehind(kafka.port()));
            Generator load = fault.load(fault.usualLoad());
            sendWebhooksTo(http.port());
            Service service = stage.start(stage.instance("behind-proxies")
                            .withVariable("KAFKA_BROKERS", "localhost:" + kafka.port())
                            .withVariable(
                                    "DB_URL",
                                    stage.platform()
                                            .database()
                                            .url()
                                            .replaceFirst(":\\d+/", ":" + database.port() + "/"))
                            .withVariable("SMTP_PORT", String.valueOf(smtp.port()))
                            .with(IMPATIENT))
                    .awaitReady();
            load.start();
            Flow.untilAllFlows(stage);

            List<Cell> cells = cells(kafka, database, smtp, http);
            for (Cell cell : cells) {
                cell.fault().accept(cell.proxy());
                Flow.pause(bad);
                cell.proxy().pass();
                fault.figure("flowing after " + cell.name() + ", s", Watch.seconds(Flow.untilAllFlows(stage)));
            }

            fault.require(service.isAlive(), "the service has ended")
                    .standstillAllowed(bad.plusSeconds(60))
                    .end(cells.size() * Stage.IN_FLIGHT);
            service.terminate(Stage.ENDED);
        }
    }

    /** One for each server in the short form; each with each in the long. */
    private static List<Cell> cells(Proxy kafka, Proxy database, Proxy smtp, Proxy http) {
        if (!Stage.isLong()) {
            return List.of(
                    new Cell("half-open Kafka", kafka, Proxy::halfOpen),
                    new Cell("half-open PostgreSQL", database, Proxy::halfOpen),
                    new Cell("resetting SMTP", smtp, Proxy::reset),
                    new Cell("slow HTTP", http, proxy -> proxy.slow(SLOW_BYTES_A_SECOND)));
        }
        List<Cell> cells = new ArrayList<>();
        for (Cell each : List.of(
                new Cell("Kafka", kafka, Proxy::pass),
                new Cell("PostgreSQL", database, Proxy::pass),
                new Cell("SMTP", smtp, Proxy::pass),
                new Cell("HTTP", http, Proxy::pass))) {
            cells.add(new Cell("slow " + each.name(), each.proxy(), proxy -> proxy.slow(SLOW_BYTES_A_SECOND)));
            cells.add(new Cell("resetting " + each.name(), each.proxy(), Proxy::reset));
            cells.add(new Cell("half-open " + each.name(), each.proxy(), Proxy::halfOpen));
        }
        return cells;
    }

    private void sendWebhooksTo(int port) {
        JdbcClient jdbc = JdbcClient.create(stage.platform().database().dataSource());
        String sink = stage.webhooks().url();
        String proxied = sink.replaceFirst(":\\d+/", ":" + port + "/");
        jdbc.sql("UPDATE webhooks SET url = ? WHERE url = ?")
                .params(proxied, sink)
                .update();
        jdbc.sql("UPDATE rewards SET delivery_config = jsonb_build_object('webhook_url', CAST(? AS text))"
                        + " WHERE delivery_config ->> 'webhook_url' = ?")
                .params(proxied, sink)
                .update();
    }

    private static int port(String url) {
        return URI.create(url).getPort();
    }
}

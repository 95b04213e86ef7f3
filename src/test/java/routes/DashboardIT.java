package routes;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import routes.event.DomainEvent;
import routes.event.EventData.RewardEarned;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.Events;

/** The dashboard and the alerts ask for metrics, labels and values that the service has. */
@OnPlatform
class DashboardIT {

    /** Values that are there only with a second SMTP server, or a bounce mailbox. */
    private static final Set<String> OF_MORE_SERVERS = Set.of("smtp-first", "bounce-mailbox");

    private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z_0-9]+)(?:\\{(.*)})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)(=|!=|=~|!~)\"([^\"]*)\"");
    private static final Pattern ASKED = Pattern.compile(
            "\\b((?:domain_events|deliveries|kafka|httpcomponents|hikaricp|jvm|process)[a-z_]*)(?:\\{([^}]*)})?");
    private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `([a-z_]+)` \\| ([^|]*) \\|");

    /** What Prometheus itself adds. */
    private static final Set<String> OF_THE_TARGET = Set.of("instance", "job");

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private EventPublisher publisher;

    @Test
    void everyMetricLabelAndValueThatIsAskedForIsThere() throws Exception {
        somethingOfEachKindHappens();
        Map<String, Map<String, Set<String>>> scraped = new HashMap<>();
        await().untilAsserted(() -> {
            scraped.clear();
            scraped.putAll(scrape());
            assertThat(scraped).containsKeys("domain_events_lag", "deliveries", "domain_events_dead_letters_total");
            assertThat(Objects.requireNonNull(scraped.get("domain_events_handled_total"))
                            .get("outcome"))
                    .contains("failed", "delivered");
        });
        Map<String, String> documented = documented();

        Set<String> onlyDocumented = new TreeSet<>();
        for (String expression : expressions()) {
            Set<String> grouped = new TreeSet<>();
            BY.matcher(expression)
                    .results()
                    .forEach(by -> grouped.addAll(List.of(by.group(1).split(", *", -1))));
            grouped.removeAll(OF_THE_TARGET);
            Set<String> labels = new TreeSet<>();
            for (MatchResult asked : ASKED.matcher(expression.replaceAll("by \\([^)]*\\)", ""))
                    .results()
                    .toList()) {
                Map<String, Set<String>> its = scraped.get(asked.group(1));
                if (its == null) {
                    onlyDocumented.add(asked.group(1));
                    assertThat(documented).as(expression).containsKey(asked.group(1));
                    labels.addAll(List.of(
                            String.valueOf(documented.get(asked.group(1))).split("[`, ]+", -1)));
                    continue;
                }
                labels.addAll(its.keySet());
                String selector = asked.group(2) == null ? "" : asked.group(2);
                for (MatchResult label : LABEL.matcher(selector).results().toList()) {
                    if (OF_THE_TARGET.contains(label.group(1)) || OF_MORE_SERVERS.contains(label.group(3))) {
                        continue;
                    }
                    assertThat(its).as(expression).containsKey(label.group(1));
                    if (label.group(2).equals("=")) {
                        assertThat(its.get(label.group(1))).as(expression).contains(label.group(3));
                    }
                }
            }
            assertThat(labels).as(expression).containsAll(grouped);
        }
        // Nothing here disables a receiver, or reports a mail; all else has happened.
        assertThat(onlyDocumented)
                .isSubsetOf(
                        "domain_events_webhook_warnings_total",
                        "domain_events_webhooks_disabled_total",
                        "domain_events_mail_reports_total");
    }

    private void somethingOfEachKindHappens() throws Exception {
        DomainEvent event = Events.signedUp(Events.email());
        publisher.publish(event);
        publisher.publish(event);
        publisher.publish(Events.of(new RewardEarned(Events.id(), Events.id(), Events.id(), Events.id())));
        pipeline.write("{\"id\":\"no event\"}");
        pipeline.awaitDrained();
    }

    private Map<String, Map<String, Set<String>>> scrape() throws Exception {
        Map<String, Map<String, Set<String>>> samples = new HashMap<>();
        String body = pipeline.operate("metrics", null).body();
        SAMPLE.matcher(body).results().forEach(sample -> {
            Map<String, Set<String>> labels = samples.computeIfAbsent(sample.group(1), name -> new HashMap<>());
            if (sample.group(2) != null) {
                LABEL.matcher(sample.group(2)).results().forEach(label -> labels.computeIfAbsent(
                                label.group(1), name -> new TreeSet<>())
                        .add(label.group(3)));
            }
        });
        return samples;
    }

    private static Map<String, String> documented() throws Exception {
        Map<String, String> rows = new HashMap<>();
        DOCUMENTED
                .matcher(Files.readString(Path.of("docs/operate/monitoring.md")))
                .results()
                .forEach(row -> rows.put(row.group(1), row.group(2)));
        return rows;
    }

    private static List<String> expressions() throws Exception {
        List<String> expressions = new ArrayList<>();
        JsonNode dashboard = EventJson.mapper()
                .readTree(Path.of("deploy/grafana/dashboards/domain-event-routes.json")
                        .toFile());
        for (JsonNode panel : dashboard.get("panels")) {
            panel.path("targets")
                    .forEach(target -> expressions.add(target.get("expr").asText()));
        }
        for (JsonNode variable : dashboard.at("/templating/list")) {
            if (variable.has("definition")) {
                expressions.add(variable.get("definition").asText());
            }
        }
        DashboardTest.rules().forEach(rule -> expressions.add(rule.get("expr").asText()));
        assertThat(expressions.stream()
                        .filter(each -> each.contains("domain_events"))
                        .collect(joining()))
                .isNotEmpty();
        return expressions;
    }
}

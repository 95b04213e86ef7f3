package routes.hawtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import routes.OnPlatform;
import routes.Pipeline;
import routes.event.EventJson;
import routes.event.Events;

/** Hawtio and Jolokia as they are served, and as somebody sees them in a browser. */
@OnPlatform
class HawtioIT {

    private static final String JOLOKIA = "/observe/hawtio/jolokia";
    private static final String CONTEXT =
            "org.apache.camel:context=domain-event-routes,type=context,name=\"domain-event-routes\"";
    private static final String TAKE_IN = "org.apache.camel:context=domain-event-routes,type=routes,name=\"take-in\"";
    /** What the first box of the diagram has counted; before it stands what is under way. */
    private static final String COUNTED =
            "Number(document.querySelector('.react-flow__node').innerText.split('\\n').filter(n => /^\\d+$/.test(n)).pop())";

    private static final Path SCREENSHOT = Path.of("target/screens/hawtio.png");

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private Environment environment;

    @Autowired
    private CamelContext camel;

    private final HttpClient http = HttpClient.newHttpClient();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/observe/hawtio",
                "/observe/hawtio/",
                "/observe/hawtio/index.html",
                "/observe/hawtio/user",
                "/observe/hawtio/hawtconfig.json",
                "/observe/hawtio/favicon.ico",
                "/observe/hawtio/camel",
                "/observe/hawtio/jolokia",
                "/observe/hawtio/jolokia/version",
                "/observe/health/../hawtio/jolokia/version",
                "/observe/hawtio;/jolokia/list"
            })
    void nothingOfItIsOpenWithoutTheLogin(String path) throws Exception {
        assertThat(get(path, false).statusCode()).isEqualTo(path.matches(".*(\\.\\.|;).*") ? 400 : 401);
    }

    @Test
    void withoutTheLoginNoRequestIsCarriedOut() throws Exception {
        HttpRequest request = request(JOLOKIA)
                .POST(BodyPublishers.ofString("{\"type\":\"list\"}"))
                .build();

        assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
    }

    @Test
    void itsPagesAreServedAndMayLoadNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = get("/observe/hawtio/", true);

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("<base href=\"/observe/hawtio/\">").doesNotContain("\"/hawtio/");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "script-src 'self';", "connect-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe-eval");
        var script = Pattern.compile("src=\"([^\"]+\\.js)\"").matcher(page.body());
        assertThat(script.find()).isTrue();
        HttpResponse<String> code = get(script.group(1), true);
        assertThat(code.statusCode()).isEqualTo(200);
        assertThat(code.headers().firstValue("Content-Type").orElse("")).contains("javascript");
        assertThat(get("/observe/hawtio/static/js/none.js", true).statusCode()).isEqualTo(404);
        assertThat(get("/observe/hawtio/user", true).body()).isEqualTo("\"operator\"");
    }

    @Test
    void whatItsPagesNeedIsAnswered() throws Exception {
        assertThat(jolokia(Map.of("type", "version")).at("/status").asInt()).isEqualTo(200);
        List<String> domains = new ArrayList<>();
        jolokia(Map.of("type", "list")).path("value").fieldNames().forEachRemaining(domains::add);
        assertThat(domains).containsExactlyInAnyOrder("domain-event-routes", "org.apache.camel", "java.lang");
        assertThat(exec(CONTEXT, "dumpRoutesAsXml()").path("value").asText()).contains("email-workers");
        assertThat(exec(CONTEXT, "dumpRoutesStatsAsXml", true, true)
                        .path("value")
                        .asText())
                .contains("exchangesTotal");
        assertThat(read(TAKE_IN, "ExchangesTotal").path("value").isNumber()).isTrue();
    }

    @Test
    void routesAreStoppedAndStartedAndOperationsAreCalled() throws Exception {
        String purge = TAKE_IN.replace("take-in", "purge-ledger");
        try {
            assertThat(exec(purge, "stop()").path("status").asInt()).isEqualTo(200);
            assertThat(camel.getRouteController().getRouteStatus("purge-ledger").isStopped())
                    .isTrue();
        } finally {
            assertThat(exec(purge, "start()").path("status").asInt()).isEqualTo(200);
        }
        String consumers = endpoint("Consumers");

        assertThat(exec(consumers, "show(java.lang.String)", "email-workers")
                        .at("/value/group")
                        .asText())
                .isEqualTo("email-workers");
        assertThat(exec(consumers, "change", "email-workers", "fly", "ann", null)
                        .path("status")
                        .asInt())
                .as("the operation checks what it is given")
                .isNotEqualTo(200);
    }

    @Test
    void whatIsNotAllowedIsRefusedAloneAndInABatch() throws Exception {
        List<Map<String, Object>> refused = List.of(
                Map.of("type", "read", "mbean", "java.lang:type=Runtime", "attribute", "SystemProperties"),
                Map.of("type", "read", "mbean", "java.lang:type=Runtime", "attribute", "InputArguments"),
                Map.of("type", "read", "mbean", TAKE_IN, "attribute", "EndpointUri"),
                Map.of("type", "read", "mbean", "org.apache.camel:type=endpoints,*", "attribute", "EndpointUri"),
                Map.of("type", "read", "mbean", "*:type=Config,*"),
                Map.of("type", "write", "mbean", TAKE_IN, "attribute", "Tracing", "value", true),
                Map.of("type", "write", "mbean", "java.lang:type=Memory", "attribute", "Verbose", "value", true),
                Map.of("type", "exec", "mbean", "java.lang:type=Memory", "operation", "gc"),
                Map.of("type", "exec", "mbean", "org.apache.camel:type=routes,*", "operation", "stop()"),
                Map.of("type", "exec", "mbean", CONTEXT, "operation", "stop()"),
                Map.of(
                        "type",
                        "exec",
                        "mbean",
                        CONTEXT,
                        "operation",
                        "sendStringBody",
                        "arguments",
                        List.of("log:a", "b")),
                Map.of(
                        "type",
                        "exec",
                        "mbean",
                        "com.sun.management:type=DiagnosticCommand",
                        "operation",
                        "vmCommandLine"),
                Map.of(
                        "type",
                        "exec",
                        "mbean",
                        "com.sun.management:type=HotSpotDiagnostic",
                        "operation",
                        "dumpHeap(java.lang.String,boolean)",
                        "arguments",
                        List.of("target/heap.hprof", true)));

        for (Map<String, Object> request : refused) {
            assertThat(jolokia(request).path("status").asInt())
                    .as(request.toString())
                    .isGreaterThanOrEqualTo(400);
        }
        JsonNode answers = jolokia(refused);
        assertThat(answers).hasSize(refused.size()).allSatisfy(answer -> assertThat(
                        answer.path("status").asInt())
                .as(answer.toString())
                .isGreaterThanOrEqualTo(400));
        assertThat(camel.getStatus().isStarted()).isTrue();
        assertThat(camel.getRouteController().getRouteStatus("take-in").isStarted())
                .isTrue();
        assertThat(Path.of("target/heap.hprof")).doesNotExist();
    }

    /** As an image on another site would ask for it, where browsers do not say from which. */
    @Test
    void aGetDoesAndTellsNothing() throws Exception {
        for (String asked : List.of(
                "exec/org.apache.camel:context=domain-event-routes,name=%22take-in%22,type=routes/stop()",
                "read/java.lang:type=Memory/HeapMemoryUsage", "list")) {
            HttpResponse<String> answer = get(JOLOKIA + "/" + asked, true);
            assertThat(new ObjectMapper().readTree(answer.body()).path("status").asInt())
                    .as(answer.body())
                    .isEqualTo(403);
        }
        assertThat(camel.getRouteController().getRouteStatus("take-in").isStarted())
                .isTrue();
    }

    @Test
    void anotherSiteAsksInVainAndIsNotInvited() throws Exception {
        for (String[] header : List.of(
                new String[] {"Origin", "https://elsewhere.example"},
                new String[] {"Origin", "null"},
                new String[] {"Sec-Fetch-Site", "cross-site"},
                new String[] {"Sec-Fetch-Site", "same-site"})) {
            HttpRequest request = request(JOLOKIA)
                    .header("Authorization", pipeline.login())
                    .headers(header)
                    .POST(BodyPublishers.ofString("{\"type\":\"version\"}"))
                    .build();

            HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());

            assertThat(answer.statusCode()).as(List.of(header).toString()).isEqualTo(403);
            assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-origin");
        }
    }

    @Test
    void whatComesThroughAProxyThatSpeaksTlsIsAnswered() throws Exception {
        HttpRequest request = request(JOLOKIA)
                .header("Authorization", pipeline.login())
                .header("Origin", "https://localhost:" + environment.getProperty("local.management.port"))
                .POST(BodyPublishers.ofString("{\"type\":\"version\"}"))
                .build();

        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());

        assertThat(new ObjectMapper().readTree(answer.body()).path("status").asInt())
                .as(answer.body())
                .isEqualTo(200);
    }

    @Test
    void theDiagramsNameStepsByWhatTheyDo() throws Exception {
        String xml = exec(CONTEXT, "dumpRoutesAsXml()").path("value").asText();

        NodeList steps = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)))
                .getElementsByTagName("bean");
        List<String> names = IntStream.range(0, steps.getLength())
                .mapToObj(n -> (Element) steps.item(n))
                .filter(step -> step.getAttribute("customId").equals("true"))
                .map(step -> step.getAttribute("id"))
                .toList();
        assertThat(names)
                .hasSize(steps.getLength())
                .contains("welcome (mails)", "find (rewards)", "begin (delivery ledger)");
    }

    @Test
    void inABrowserTheOverviewKeepsItselfUpToDate(@TempDir Path directory) throws Exception {
        assumeThat(Browser.installed()).as("Chromium").isPresent();
        String moment = "document.querySelector('.note').innerText";
        try (Browser browser = Browser.start(Browser.installed().orElseThrow(), directory)) {
            browser.login(pipeline.login());
            browser.open("http://localhost:%s/".formatted(environment.getProperty("local.management.port")));
            browser.awaitText("Kept up to date");
            String first = browser.evaluate(moment).asText();
            browser.evaluate("window.loadedOnce = true");

            browser.await(moment + " !== '" + first + "'");

            assertThat(browser.evaluate("window.loadedOnce").asBoolean()).isTrue();
            assertThat(browser.text()).contains("Kept up to date").doesNotContain("does not answer");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void inABrowserMomentsAreThoseOfItsZoneAndOfUtcWhereOnePointsAtThem(@TempDir Path directory) throws Exception {
        assumeThat(Browser.installed()).as("Chromium").isPresent();
        publish();
        try (Browser browser = Browser.start(Browser.installed().orElseThrow(), directory)) {
            browser.login(pipeline.login());
            browser.moveTo("Asia/Kolkata");
            browser.open("http://localhost:%s/deliveries".formatted(environment.getProperty("local.management.port")));
            browser.awaitText("Times are in Asia/");

            Instant moment = Instant.parse(browser.evaluate("document.querySelector('td time').dateTime")
                    .asText());
            String utc = moment.toString().replace('T', ' ').replace("Z", " UTC");
            assertThat(browser.evaluate("document.querySelector('td time').title")
                            .asText())
                    .isEqualTo(utc.replaceFirst("\\.\\d+", ""));
            assertThat(browser.evaluate("document.querySelector('td time').textContent")
                            .asText())
                    .contains(moment.atOffset(ZoneOffset.ofHoursMinutes(5, 30))
                            .toLocalTime()
                            .truncatedTo(ChronoUnit.SECONDS)
                            .format(DateTimeFormatter.ISO_LOCAL_TIME));
            assertThat(browser.complaints()).isEmpty();

            browser.open("http://localhost:%s/deliveries?from=x"
                    .formatted(environment.getProperty("local.management.port")));
            browser.awaitText("Times are in Asia/");
            assertThat(browser.text())
                    .as("a timestamp in a sentence stays as it is")
                    .contains("such as 2025-01-01T12:00:00Z");
        }
    }

    /**
     * The picture in docs/screens is what this leaves in target/screens. Without a Chromium it is skipped: install one, or say
     * where it is with -Dtest.chromium.
     */
    @Test
    void inABrowserTheDiagramCountsAndOperationsAreCalled(@TempDir Path directory) throws Exception {
        assumeThat(Browser.installed())
                .as(
                        "no chromium, chromium-browser, google-chrome or chrome on the PATH, in CHROMIUM or -Dtest.chromium")
                .isPresent();
        String hawtio =
                "http://localhost:%s/observe/hawtio/".formatted(environment.getProperty("local.management.port"));
        try (Browser browser = Browser.start(Browser.installed().orElseThrow(), directory)) {
            browser.login(pipeline.login());
            publish();
            browser.open(hawtio + "camel");
            browser.await("document.querySelector('.react-flow__node') !== null");
            browser.click("publish-event");
            try {
                browser.await("document.querySelector('.react-flow__node').innerText.includes('From direct:publi')");
                browser.await(COUNTED + " > 0");
                int before = browser.evaluate(COUNTED).asInt();
                publish();
                browser.await(COUNTED + " > " + before);
                browser.click("email-worker");
                browser.await("document.querySelector('.react-flow').innerText.includes('begin (delivery')");
                browser.open(browser.evaluate("location.href").asText()); // centred anew
                browser.await("document.querySelector('.react-flow').innerText.includes('begin (delivery')");
            } finally {
                browser.screenshot(SCREENSHOT);
            }

            browser.open(hawtio + "jmx");
            browser.click("Expand all");
            try {
                browser.clickOn(
                        "[id^='domain-event-routes-Endpoint-Consumers']:not([id$='-folder']) .pf-v6-c-tree-view__node");
                browser.click("Operations");
                browser.clickOn("[aria-labelledby^='operation list()']");
                browser.click("Execute");
                browser.awaitText("\"verdict\"");
                browser.awaitText("\"group\": \"reward-workers\"");
            } finally {
                browser.screenshot(SCREENSHOT.resolveSibling("hawtio-operation.png"));
            }
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private void publish() throws Exception {
        String event =
                EventJson.mapper().valueToTree(Events.signedUp(Events.email())).toString();
        assertThat(pipeline.publish(event).statusCode()).isEqualTo(202);
    }

    private String endpoint(String name) throws Exception {
        return jolokia(Map.of("type", "search", "mbean", "domain-event-routes:type=Endpoint,name=" + name + ",*"))
                .at("/value/0")
                .asText();
    }

    private JsonNode read(String mbean, String attribute) throws Exception {
        return jolokia(Map.of("type", "read", "mbean", mbean, "attribute", attribute));
    }

    private JsonNode exec(String mbean, String operation, @Nullable Object... arguments) throws Exception {
        return jolokia(Map.of(
                "type",
                "exec",
                "mbean",
                mbean,
                "operation",
                operation,
                "arguments",
                EventJson.mapper().valueToTree(arguments)));
    }

    private JsonNode jolokia(Object body) throws Exception {
        HttpRequest request = request(JOLOKIA)
                .header("Authorization", pipeline.login())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(EventJson.mapper().writeValueAsString(body)))
                .build();
        return new ObjectMapper()
                .readTree(http.send(request, BodyHandlers.ofString()).body());
    }

    private HttpResponse<String> get(String path, boolean loggedIn) throws Exception {
        HttpRequest.Builder request = request(path);
        if (loggedIn) {
            request.header("Authorization", pipeline.login());
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://localhost:%s%s".formatted(environment.getProperty("local.management.port"), path)));
    }
}

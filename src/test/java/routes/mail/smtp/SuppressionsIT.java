package routes.mail.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import routes.OnPlatform;
import routes.Pipeline;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.event.EventData.UserSignedUp;
import routes.event.EventJson;
import routes.event.Events;

/** The list of suppressions, as operators change it: one by one, and in files. */
@OnPlatform
class SuppressionsIT {

    private static final Logger LOG = LoggerFactory.getLogger(SuppressionsIT.class);

    /** How many lines the large file has; more for a look at how long it takes: {@code -Dsuppressions.lines=1000000}. */
    private static final int LINES = Integer.getInteger("suppressions.lines", 12_000);

    @Autowired
    private Pipeline pipeline;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Environment environment;

    @Autowired
    private Suppressions suppressions;

    @Autowired
    private SuppressionCsv csv;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    @AfterEach
    void cleanUp() {
        jdbc.sql("TRUNCATE event_routes.mail_suppression").update();
    }

    @Test
    void anAddressIsAddedForACampaignUntilAMomentAndLiftedByItsAddress() throws Exception {
        JsonNode added = pipeline.operation("suppressions", """
                {"action":"add","address":"Ada@Example.com","campaign":"c1","reason":"asked by mail of bob@example.com","until":"2099-01-31T00:00:00Z"}
                """);
        pipeline.operation("suppressions", "{\"action\":\"add\",\"address\":\"ada@example.com\",\"reason\":\"again\"}");

        JsonNode listed = pipeline.operation("suppressions", null).get("suppressions");
        assertThat(listed).hasSize(2);
        assertThat(listed.at("/0").has("until")).isFalse();
        assertThat(listed.at("/0").has("campaign_id")).isFalse();
        assertThat(listed.at("/1/campaign_id").asText()).isEqualTo("c1");
        assertThat(listed.at("/1/cause").asText()).isEqualTo("manual");
        assertThat(listed.at("/1/until").asText()).isEqualTo("2099-01-31T00:00:00Z");
        assertThat(listed.at("/1/reason").asText()).isEqualTo("asked by mail of b***@example.com");
        assertThat(listed.at("/1/address").asText())
                .isEqualTo(added.get("address").asText())
                .isEqualTo(suppressions.digest("ada@example.com"));

        pipeline.operation("suppressions", "{\"action\":\"lift\",\"address\":\"ada@example.com\",\"campaign\":\"c1\"}");
        assertThat(pipeline.operation("suppressions", null).get("suppressions")).hasSize(1);
        pipeline.operation("suppressions", "{\"action\":\"lift\",\"address\":\"ada@example.com\"}");
        assertThat(pipeline.operate("suppressions", "{\"action\":\"lift\",\"address\":\"ada@example.com\"}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(audited()).containsSubsequence("suppressions.add: added", "suppressions.lift: lifted: manual");
    }

    @Test
    void aBounceThatIsLiftedLeavesTheComplaintThatIsThereToo() throws Exception {
        String add = "{\"action\":\"add\",\"address\":\"ada@example.com\",\"cause\":\"%s\",\"reason\":\"r\"}";
        String lift = "{\"action\":\"lift\",\"address\":\"ada@example.com\",\"cause\":\"%s\"}";
        pipeline.operation("suppressions", add.formatted("bounce"));
        pipeline.operation("suppressions", add.formatted("complaint"));

        pipeline.operation("suppressions", lift.formatted("bounce"));

        JsonNode left = pipeline.operation("suppressions", null).get("suppressions");
        assertThat(left).hasSize(1);
        assertThat(left.at("/0/cause").asText()).isEqualTo("complaint");
        assertThat(audited()).contains("suppressions.lift: lifted: bounce");
        assertThat(pipeline.operate("suppressions", lift.formatted("bounce")).statusCode())
                .isEqualTo(404);
        assertThat(pipeline.operate("suppressions", lift.formatted("boun")).statusCode())
                .isEqualTo(400);
    }

    /** Ignored, it would lift what is not asked for. */
    @Test
    void aFieldThatDoesNotExistIsRefusedAndNothingIsLifted() throws Exception {
        pipeline.operation(
                "suppressions",
                "{\"action\":\"add\",\"address\":\"ada@example.com\",\"campaign\":\"c1\",\"reason\":\"r\"}");

        HttpResponse<String> refused = pipeline.operate(
                "suppressions", "{\"action\":\"lift\",\"address\":\"ada@example.com\",\"campaign_id\":\"c2\"}");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body())
                .contains("campaign_id is unknown: there are only action, by, address, campaign, cause, reason, until");
        assertThat(pipeline.operation("suppressions", null).get("suppressions")).hasSize(1);
        assertThat(pipeline.operate("suppressions?limti=1", null).statusCode())
                .as("a read may have more")
                .isEqualTo(200);
    }

    @Test
    void theAuditNamesWhoIsLoggedInWhateverTheySay() throws Exception {
        pipeline.operation(
                "suppressions",
                "{\"action\":\"add\",\"address\":\"ada@example.com\",\"reason\":\"r\",\"by\":\"somebody else\"}");

        assertThat(jdbc.sql("SELECT who FROM event_routes.audit ORDER BY id DESC LIMIT 1")
                        .query(String.class)
                        .single())
                .isEqualTo("operator");
    }

    /** A place may change the recipient, and send the mail by an API that takes such a domain. */
    @ParameterizedTest
    @ValueSource(strings = {"ada@xn--bcher-kva.example", "Ada@B\u00fccher.example", "ada@b\u00fccher.example"})
    void aMailToASuppressedAddressIsNotSentHoweverItIsWritten(String recipient) throws Exception {
        pipeline.operation(
                "suppressions", "{\"action\":\"add\",\"address\":\"ada@b\u00fccher.example\",\"reason\":\"asked\"}");
        MimeMessage mail = new MimeMessage((Session) null);
        InternetAddress address = new InternetAddress();
        address.setAddress(recipient);
        mail.setRecipient(Message.RecipientType.TO, address);

        assertThat(passes(mail, delivery())).isFalse();
    }

    @Test
    void mailsToOneAddressThatAreLookedUpTogetherAreSuppressedByTheirOwnCampaignAlone() throws Exception {
        Delivery stopped = delivery();
        Delivery other = delivery();
        pipeline.operation("suppressions", """
                {"action":"add","address":"ada@example.com","campaign":"%s","reason":"asked"}
                """.formatted(stopped.event().campaignId()));
        MimeMessage mail = new MimeMessage((Session) null);
        mail.setRecipients(Message.RecipientType.TO, "ada@example.com");

        ExecutorService together = Executors.newFixedThreadPool(8);
        try {
            List<Future<Boolean>> passed = together.invokeAll(IntStream.range(0, 200)
                    .<Callable<Boolean>>mapToObj(i -> () -> passes(mail, i % 2 == 0 ? stopped : other))
                    .toList());
            for (int i = 0; i < passed.size(); i++) {
                assertThat(passed.get(i).get()).isEqualTo(i % 2 == 1);
            }
        } finally {
            together.shutdownNow();
        }
    }

    /** An event has its ids in lower case, whoever writes them how. */
    @Test
    void aCampaignInUpperCaseIsTheSameOne() throws Exception {
        Delivery first = delivery();
        Delivery second = delivery();
        MimeMessage mail = new MimeMessage((Session) null);
        mail.setRecipients(Message.RecipientType.TO, "ada@example.com");
        String upper = first.event().campaignId().toUpperCase(Locale.ROOT);
        pipeline.operation("suppressions", """
                {"action":"add","address":"ada@example.com","campaign":"%s","reason":"asked"}
                """.formatted(upper));
        json(post(
                "/suppressions/import?dryRun=false",
                "address,campaign,cause,reason,since,until\nada@example.com,%s\n"
                        .formatted(second.event().campaignId().toUpperCase(Locale.ROOT))));

        assertThat(passes(mail, first)).isFalse();
        assertThat(passes(mail, second)).isFalse();

        pipeline.operation("suppressions", """
                {"action":"lift","address":"ada@example.com","campaign":"%s"}
                """.formatted(upper));
        assertThat(passes(mail, first)).isTrue();
        assertThat(passes(mail, second)).isFalse();
    }

    private boolean passes(MimeMessage mail, Delivery delivery) throws MessagingException {
        try {
            suppressions.requireNone(mail, delivery);
            return true;
        } catch (DeliveryException.Skipped suppressed) {
            return false;
        }
    }

    private static Delivery delivery() {
        return new Delivery(
                UUID.randomUUID(),
                "email-workers",
                "",
                Events.of(new UserSignedUp(Events.id(), Events.id(), Events.email())),
                1,
                1,
                1,
                false,
                false,
                null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"address\":\"ada\",\"reason\":\"r\" | address cannot be used",
                "\"reason\":\"r\" | address is missing",
                "\"address\":\"ada@example.com\" | reason is missing",
                "\"address\":\"ada@example.com\",\"reason\":\"r\",\"cause\":\"spam\" | cause is unknown: write manual or bounce",
                "\"address\":\"ada@example.com\",\"reason\":\"r\",\"until\":\"2020-01-31T00:00:00Z\" | until is over",
                "\"address\":\"ada@example.com\",\"reason\":\"r\",\"until\":\"tomorrow\" | until is not a timestamp"
            })
    void whatIsWrongIsRefusedWithWhatToWriteInstead(String fields, String said) throws Exception {
        HttpResponse<String> refused = pipeline.operate("suppressions", "{\"action\":\"add\",%s}".formatted(fields));

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains(said).doesNotContain("ada@example.com");
        assertThat(count()).isZero();
    }

    @Test
    void aFileIsCheckedFirstThenItsGoodLinesAreAddedAndTheOthersNamed() throws Exception {
        String csv = """
                \uFEFFaddress,campaign,cause,reason,since,until
                ada@example.com,,complaint,"said ""no, thanks""\"
                bob@b\u00fccher.example,c1,,,2020-01-01T00:00:00Z,2099-01-01T00:00:00Z\r
                nobody
                "eve@example.com,,,,

                mia@example.com,,bounce,'=1+1,,
                mia@example.com,,bounce,twice,,2098-01-01T00:00:00Z
                zoe@example.com,,,,,,
                """;

        JsonNode checked = json(post("/suppressions/import", csv));
        assertThat(checked.get("dry_run").booleanValue()).isTrue();
        assertThat(count()).isZero();
        JsonNode imported = json(post("/suppressions/import?dryRun=false", csv));

        assertThat(imported.get("problems")).isEqualTo(checked.get("problems"));
        assertThat(EventJson.mapper().convertValue(imported.get("problems"), List.class))
                .satisfiesExactly(
                        one -> assertThat(one).asString().startsWith("line 4: address cannot be used"),
                        one -> assertThat(one).asString().startsWith("line 5: the line is not CSV"),
                        one -> assertThat(one).asString().startsWith("line 6: address is missing"),
                        one -> assertThat(one).asString().startsWith("line 9: the line has more than 6 values"));
        assertThat(imported.get("read").intValue()).isEqualTo(8);
        assertThat(imported.get("added").intValue()).isEqualTo(3);
        assertThat(imported.get("wrong").intValue()).isEqualTo(4);
        assertThat(json(post("/suppressions/import?dryRun=false", csv))
                        .get("added")
                        .intValue())
                .as("again")
                .isZero();
        assertThat(audited()).contains("suppressions.import: added 3, wrong 4");
        assertThat(rows())
                .containsExactlyInAnyOrder(
                        suppressions.digest("ada@example.com") + " complaint  said \"no, thanks\"",
                        suppressions.digest("bob@xn--bcher-kva.example") + " manual c1 imported",
                        suppressions.digest("mia@example.com") + " bounce  =1+1");

        HttpResponse<String> exported = ask("/suppressions/export");

        assertThat(exported.headers().firstValue("Content-Type")).hasValue("text/csv;charset=UTF-8");
        assertThat(exported.body())
                .startsWith("address,campaign,cause,reason,since,until\r\n")
                .contains(
                        ",,bounce,\"'=1+1\",",
                        ",,complaint,\"said \"\"no, thanks\"\"\",",
                        ",c1,manual,\"imported\",",
                        "Z,2099-01-01T00:00:00Z\r\n",
                        "Z,\r\n")
                .doesNotContain("@");
        List<String> before = rows();
        cleanUp();
        assertThat(json(post("/suppressions/import?dryRun=false", exported.body()))
                        .get("added")
                        .intValue())
                .isEqualTo(3);
        assertThat(rows()).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void anAddressThatBeginsWithTwoHyphensDoesNotEndAList() throws Exception {
        JsonNode imported = json(post("/suppressions/import?dryRun=false", """
                address,campaign,cause,reason,since,until
                ada@example.com
                --bob@example.com
                eve@example.com
                """));

        assertThat(imported.get("read").intValue()).isEqualTo(3);
        assertThat(imported.get("added").intValue()).isEqualTo(3);
    }

    @Test
    void aLineOfThousandsOfValuesIsNamedAndTheOthersAreAdded() throws Exception {
        JsonNode imported = json(post(
                "/suppressions/import?dryRun=false",
                "address,campaign,cause,reason,since,until\nada@example.com\n%s\n\"%s\",\neve@example.com\n"
                        .formatted(",".repeat(3_000), "\"\"".repeat(1_900))));

        assertThat(EventJson.mapper().convertValue(imported.get("problems"), List.class))
                .satisfiesExactly(
                        one -> assertThat(one).asString().startsWith("line 3: the line has more than 6 values"),
                        one -> assertThat(one).asString().startsWith("line 4: address "));
        assertThat(imported.get("added").intValue()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mail,reason\nx", "address,colour\nx", ""})
    void aFileWithoutTheNamesOfItsColumnsIsRefused(String csv) throws Exception {
        HttpResponse<String> refused = post("/suppressions/import?dryRun=false", csv);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("the first line must be address,campaign,cause");
    }

    @Test
    void aLargeFileIsImportedAndExportedInPages() throws Exception {
        long start = System.nanoTime();
        HttpResponse<String> imported = http.send(
                request("/suppressions/import?dryRun=false")
                        .header("Content-Type", "text/csv")
                        .POST(BodyPublishers.ofInputStream(SuppressionsIT::large))
                        .build(),
                BodyHandlers.ofString());
        Duration took = Duration.ofNanos(System.nanoTime() - start);

        assertThat(json(imported).get("added").intValue()).isEqualTo(LINES);
        assertThat(count()).isEqualTo(LINES);
        long exporting = System.nanoTime();
        HttpResponse<Stream<String>> exported =
                http.send(request("/suppressions/export").build(), BodyHandlers.ofLines());
        try (Stream<String> lines = exported.body()) {
            assertThat(lines.count()).isEqualTo(LINES + 1);
        }
        LOG.info(
                "{} lines: imported in {}, exported in {}",
                LINES,
                took,
                Duration.ofNanos(System.nanoTime() - exporting));
        assertThat(took).as("with room for a busy machine").isLessThan(Duration.ofMinutes(3));
    }

    private static InputStream large() {
        int lines = 1_000;
        return new SequenceInputStream(Collections.enumeration(Stream.concat(
                        Stream.of("address,campaign,cause,reason,since,until\n"),
                        Stream.iterate(0, from -> from < LINES, from -> from + lines)
                                .map(from -> {
                                    StringBuilder page = new StringBuilder();
                                    for (int n = from; n < Math.min(LINES, from + lines); n++) {
                                        page.append("person")
                                                .append(n)
                                                .append("@many.example,,bounce,550 5.1.1 no such user\n");
                                    }
                                    return page.toString();
                                }))
                .map(text -> (InputStream) new ByteArrayInputStream(text.getBytes(UTF_8)))
                .toList()));
    }

    @Test
    void anImportThatBreaksHasSaidInTheAuditHowFarItCame() {
        String page = "address,campaign,cause,reason,since,until\n" + "ada@example.com\n".repeat(5_000);
        InputStream broken = new SequenceInputStream(new ByteArrayInputStream(page.getBytes(UTF_8)), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the connection is gone");
            }
        });

        assertThatThrownBy(() -> csv.read(broken, false, "ann")).hasMessage("the connection is gone");

        assertThat(audited()).last().isEqualTo("suppressions.import: added 1, wrong 0");
    }

    @Test
    void thePageShowsSearchesAddsImportsAndLifts() throws Exception {
        form("/suppressions/add", "address=ada%40example.com&cause=manual&reason=asked&campaign=&until=");
        String file = """
                --x
                Content-Disposition: form-data; name="file"; filename="s.csv"
                Content-Type: text/csv

                address,campaign,cause,reason,since,until
                bob@example.com,,,from the file
                nobody
                --x--
                """;
        HttpResponse<String> imported = http.send(
                request("/suppressions/import?dryRun=false")
                        .header("Content-Type", "multipart/form-data; boundary=x")
                        .header("Accept", "text/html,*/*;q=0.8")
                        .POST(BodyPublishers.ofString(file.replace("\n", "\r\n")))
                        .build(),
                BodyHandlers.ofString());

        assertThat(imported.body()).contains("1 added or made longer", "line 3: address cannot be used");
        assertThat(ask("/suppressions").body()).contains("from the file", "asked", "for good");
        String found = form("/suppressions/search", "address=BOB%40example.com").body();
        assertThat(found).contains("from the file").doesNotContain("asked", "BOB");
        String digest = suppressions.digest("ada@example.com");
        form("/suppressions/add", "address=ada%40example.com&cause=complaint&reason=has+complained");
        assertThat(ask("/suppressions").body()).contains("name=\"cause\" value=\"complaint\"");
        form("/suppressions/lift", "campaign=&cause=manual&address=" + digest);
        assertThat(ask("/suppressions").body()).doesNotContain("asked").contains("from the file", "has complained");
    }

    private HttpResponse<String> form(String path, String form) throws Exception {
        return http.send(
                request(path)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String csv) throws Exception {
        return http.send(
                request(path)
                        .header("Content-Type", "text/csv")
                        .POST(BodyPublishers.ofString(csv))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> ask(String path) throws Exception {
        return http.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(
                        "http://localhost:%s%s".formatted(environment.getProperty("local.management.port"), path)))
                .header("Authorization", pipeline.login());
    }

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return EventJson.mapper().readTree(response.body());
    }

    private int count() {
        return jdbc.sql("SELECT count(*) FROM event_routes.mail_suppression")
                .query(Integer.class)
                .single();
    }

    private List<String> rows() {
        return jdbc.sql(
                        "SELECT address || ' ' || cause || ' ' || campaign_id || ' ' || reason FROM event_routes.mail_suppression")
                .query(String.class)
                .list();
    }

    private List<String> audited() {
        return jdbc.sql(
                        "SELECT operation || ': ' || result FROM event_routes.audit WHERE operation LIKE 'suppressions.%' ORDER BY id")
                .query(String.class)
                .list();
    }
}

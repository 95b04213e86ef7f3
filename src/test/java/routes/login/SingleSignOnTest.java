package routes.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;

/** Single sign-on with a provider on loopback, each redirect followed as a browser does. */
class SingleSignOnTest {

    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\"[^>]* value=\"([^\"]+)\"");

    private static AnnotationConfigServletWebServerApplicationContext service;
    private static Provider provider;
    private static String url;

    private final CookieManager cookies = new CookieManager();
    private final HttpClient browser = HttpClient.newBuilder()
            .cookieHandler(cookies)
            .followRedirects(HttpClient.Redirect.ALWAYS)
            .build();
    private final HttpClient program = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws IOException {
        int port = freePort();
        url = "http://localhost:" + port;
        provider = new Provider(freePort(), url);
        service = service(port, provider.issuer());
    }

    @AfterAll
    static void stop() {
        service.close();
        provider.close();
    }

    @Test
    void anOperatorLogsInAndTheClaimIsTheName() throws Exception {
        HttpResponse<String> page = logIn("ann", "/deliveries");

        assertThat(page.uri()).hasToString(url + "/");
        assertThat(page.body()).isEqualTo("ann@example.com operator");
        HttpCookie session = cookie("management-session");
        assertThat(session.isHttpOnly()).isTrue();
        assertThat(session.getSecure()).as("over TLS alone").isFalse();
        assertThat(session.getMaxAge()).as("ends with the browser").isEqualTo(-1);
        assertThat(send(post("/deliveries")).statusCode()).isEqualTo(200);
    }

    @Test
    void aViewerLogsInAndChangesNothing() throws Exception {
        assertThat(logIn("vic", "/").body()).isEqualTo("vic@example.com viewer");

        HttpResponse<String> refused = send(post("/deliveries"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("vic@example.com is a viewer");
    }

    @Test
    void whoHasNoneOfTheRolesIsToldSoAndHasNoSession() throws Exception {
        HttpResponse<String> refused = logIn("max", "/");

        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
        assertThat(refused.body())
                .contains(
                        "<h1>Single sign-on failed</h1>",
                        "max@example.com is neither an operator nor a viewer",
                        "groups");
        assertThat(send(get("/", "application/json")).statusCode()).isEqualTo(401);
    }

    @Test
    void anotherSiteUsesTheSessionInVain() throws Exception {
        logIn("ann", "/");

        assertThat(send(post("/deliveries", "Sec-Fetch-Site", "cross-site")).statusCode())
                .isEqualTo(403);
        assertThat(send(post("/logout", "Origin", "http://evil.example")).statusCode())
                .isEqualTo(403);
        assertThat(send(get("/logout", "text/html")).body()).isEqualTo("ann@example.com operator");
    }

    /** In use the whole time: the provider decides again who may do what. */
    @ParameterizedTest
    @CsvSource({"7, false", "9, true"})
    void aSessionEndsEightHoursAfterTheLoginHoweverOftenItIsUsed(int hours, boolean ended) throws Exception {
        long begun = System.currentTimeMillis() - Duration.ofHours(hours).toMillis();
        MockHttpSession session = new MockHttpSession() {
            @Override
            public long getCreationTime() {
                return begun;
            }
        };
        session.access();
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.setSession(session);

        SingleSignOn.endOldSession(request, new MockHttpServletResponse(), new MockFilterChain());

        assertThat(session.isInvalid()).isEqualTo(ended);
    }

    @Test
    void whoLogsOutIsLoggedOutHereAndIsSentToTheProvider() throws Exception {
        logIn("ann", "/");
        String session = cookie("management-session").getValue();

        HttpResponse<String> answer = send(post("/logout"));

        assertThat(answer.body()).contains("You are logged out", "<a href=\"/\">");
        String next = answer.headers().firstValue("Refresh").orElse("").replace("0; url=", "");
        assertThat(next).startsWith(provider.issuer() + "/connect/logout?id_token_hint=");
        HttpRequest again = HttpRequest.newBuilder(URI.create(url + "/"))
                .header("Cookie", "management-session=" + session)
                .build();
        assertThat(program.send(again, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
        send(HttpRequest.newBuilder(URI.create(next)).build());
        assertThat(send(get("/", "text/html")).body())
                .as("the provider asks again")
                .contains("_csrf");
    }

    @Test
    void whoAsksAndDoesNotLogInTakesNoMemory() throws Exception {
        HttpResponse<String> answer = program.send(get("/", "text/html"), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(302);
        String begin = answer.headers().firstValue("Location").orElseThrow();
        assertThat(begin).isEqualTo(url + "/oauth2/authorization/oidc");

        HttpResponse<String> begun =
                program.send(HttpRequest.newBuilder(URI.create(begin)).build(), BodyHandlers.ofString());

        assertThat(begun.headers().firstValue("Location").orElseThrow())
                .startsWith(provider.issuer())
                .contains("code_challenge_method=S256", "state=", "nonce=", "scope=openid");
        assertThat(begun.headers().allValues("Set-Cookie")).singleElement().satisfies(cookie -> assertThat(cookie)
                .startsWith("management-login=")
                .contains("HttpOnly", "SameSite=Lax", "Path=/login/oauth2/code"));
    }

    @Test
    void whatTheProviderAnswersGoesToTheBrowserThatHasAsked() throws Exception {
        String code = codeOf("ann");

        HttpResponse<String> elsewhere =
                program.send(HttpRequest.newBuilder(URI.create(code)).build(), BodyHandlers.ofString());

        assertThat(elsewhere.statusCode()).isEqualTo(403);
        assertThat(elsewhere.headers().map()).doesNotContainKey("Set-Cookie: management-session");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "!", "e30", "bnVsbA", "W10", "eyJzdGF0ZSI6InMiLCJyZWdpc3RyYXRpb25faWQiOiJvaWRjIn0"})
    void aCookieThatSomebodyHasMadeUpIsRefused(String cookie) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/login/oauth2/code/oidc?code=c&state=s"))
                .header("Cookie", "management-login=" + cookie)
                .build();

        assertThat(program.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
    }

    @Test
    void noHeaderDecidesWhereABrowserIsSent() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/"))
                .header("Accept", "text/html")
                .header("X-Forwarded-Host", "evil.example")
                .header("X-Forwarded-Proto", "https")
                .header("Forwarded", "host=evil.example;proto=https")
                .build();

        assertThat(program.send(request, BodyHandlers.ofString()).headers().firstValue("Location"))
                .hasValue(url + "/oauth2/authorization/oidc");
    }

    @Test
    void programsLogInWithAPasswordAndHaveNoSession() throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + "/")).header("Accept", "text/html");
        HttpResponse<String> answer = program.send(
                request.header("Authorization", basic("operator", "dev-password"))
                        .build(),
                BodyHandlers.ofString());

        assertThat(answer.body()).isEqualTo("operator operator");
        assertThat(answer.headers().map()).doesNotContainKey("Set-Cookie");
        assertThat(program.send(
                                request.setHeader("Authorization", basic("operator", "wrong"))
                                        .build(),
                                BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(401);
        assertThat(send(get("/", "application/json")).headers().firstValue("WWW-Authenticate"))
                .isPresent();
    }

    @Test
    void theServiceStartsWithoutTheProviderAndSaysThatItIsAway() throws Exception {
        int port = freePort();
        try (var alone = service(port, "http://localhost:" + freePort())) {
            assertThat(alone.isRunning()).isTrue();
            HttpRequest begin = HttpRequest.newBuilder(
                            URI.create("http://localhost:" + port + "/oauth2/authorization/oidc"))
                    .build();

            HttpResponse<String> answer = program.send(begin, BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(answer.body()).contains("The provider did not answer").doesNotContain("Connection refused");
        }
    }

    /** More people at a time than a client with five connections, each of which would be waited for without end, would let in. */
    @ParameterizedTest
    @ValueSource(strings = {"/oauth2/token", "/userinfo"})
    void aProviderThatFallsSilentHoldsNobodyForLongAndLetsEverybodyInAgain(String path) throws Exception {
        int port = freePort();
        String address = "http://localhost:" + port;
        ExecutorService people = Executors.newCachedThreadPool();
        try (Provider its = new Provider(freePort(), address);
                var impatient = service(port, its.issuer(), "2s")) {
            assertThat(impatient.isRunning()).isTrue();
            await().until(() -> new SingleSignOnTest().enter(address, its).statusCode() == 200); // it is warm
            its.fallSilent(path);

            List<Future<HttpResponse<String>>> logins = people.invokeAll(
                    Collections.nCopies(6, () -> new SingleSignOnTest().enter(address, its)), 60, TimeUnit.SECONDS);

            assertThat(logins).noneMatch(Future::isCancelled).allSatisfy(login -> assertThat(login.get())
                    .satisfies(refused -> assertThat(refused.statusCode()).isEqualTo(403))
                    .satisfies(refused -> assertThat(refused.body()).contains("The provider did not answer")));

            its.answer();

            await().until(() -> new SingleSignOnTest().enter(address, its).statusCode() == 200);
        } finally {
            people.shutdownNow();
        }
    }

    /** Both are asked for once, and then known. */
    @ParameterizedTest
    @ValueSource(strings = {"/.well-known/openid-configuration", "/oauth2/jwks"})
    void neitherAreItsMetadataAndKeysWaitedForWithoutEnd(String path) throws Exception {
        int port = freePort();
        String address = "http://localhost:" + port;
        try (Provider its = new Provider(freePort(), address);
                var fresh = service(port, its.issuer(), "2s")) {
            assertThat(fresh.isRunning()).isTrue();
            its.fallSilent(path);
            HttpResponse<String> refused = CompletableFuture.supplyAsync(() -> enter(address, its))
                    .orTimeout(30, TimeUnit.SECONDS)
                    .join();
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("The provider did not answer");

            its.answer();

            await().until(() ->
                    new SingleSignOnTest().enter(address, its).body().equals("ann@example.com operator"));
        }
    }

    /** Logs in if the provider shows its form. */
    private HttpResponse<String> enter(String service, Provider its) {
        try {
            HttpResponse<String> page = send(HttpRequest.newBuilder(URI.create(service + "/"))
                    .header("Accept", "text/html")
                    .build());
            return page.statusCode() == 200 ? submit(page, its, "ann") : page;
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    private HttpResponse<String> logIn(String person, String path) throws Exception {
        return submit(send(get(path, "text/html")), provider, person);
    }

    private HttpResponse<String> submit(HttpResponse<String> form, Provider its, String person) throws Exception {
        Matcher token = CSRF.matcher(form.body());
        assertThat(token.find()).as(form.body()).isTrue();
        return send(HttpRequest.newBuilder(URI.create(its.issuer() + "/login"))
                .header("Accept", "text/html")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(
                        "username=%s&password=password&_csrf=%s".formatted(person, token.group(1))))
                .build());
    }

    /** Where the provider sends somebody back to who has logged in there. */
    private String codeOf(String person) throws Exception {
        logIn(person, "/");
        HttpClient patient = HttpClient.newBuilder().cookieHandler(cookies).build();
        HttpResponse<String> begun = patient.send(
                HttpRequest.newBuilder(URI.create(url + "/oauth2/authorization/oidc"))
                        .build(),
                BodyHandlers.ofString());
        HttpResponse<String> authorized = patient.send(
                HttpRequest.newBuilder(URI.create(
                                begun.headers().firstValue("Location").orElseThrow()))
                        .header("Accept", "text/html")
                        .build(),
                BodyHandlers.ofString());
        String code = authorized.headers().firstValue("Location").orElseThrow();
        assertThat(code).startsWith(url + "/login/oauth2/code/oidc?code=");
        return code;
    }

    private HttpCookie cookie(String name) {
        return cookies.getCookieStore().getCookies().stream()
                .filter(cookie -> cookie.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private HttpResponse<String> send(HttpRequest request) throws Exception {
        return browser.send(request, BodyHandlers.ofString());
    }

    private static HttpRequest get(String path, String accept) {
        return HttpRequest.newBuilder(URI.create(url + path))
                .header("Accept", accept)
                .build();
    }

    private static HttpRequest post(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path)).POST(BodyPublishers.noBody());
        return headers.length == 0 ? request.build() : request.headers(headers).build();
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** The login before a servlet that says who has come. */
    private static AnnotationConfigServletWebServerApplicationContext service(int port, String issuer) {
        return service(port, issuer, "20s"); // for a machine that is slow
    }

    private static AnnotationConfigServletWebServerApplicationContext service(int port, String issuer, String timeout) {
        var context = new AnnotationConfigServletWebServerApplicationContext();
        context.registerBean(TomcatServletWebServerFactory.class, () -> new TomcatServletWebServerFactory(port));
        context.registerBean(
                LoginSettings.class,
                () -> LoginTest.bind(Map.of(
                        "management.login.password",
                        "dev-password",
                        "management.login.oidc.issuer",
                        issuer,
                        "management.login.oidc.client-id",
                        "domain-event-routes",
                        "management.login.oidc.client-secret",
                        Provider.SECRET,
                        "management.login.oidc.url",
                        "http://localhost:" + port,
                        "management.login.oidc.viewer",
                        "staff,guides",
                        "management.login.oidc.operator",
                        "admins",
                        "management.login.oidc.timeout",
                        timeout)));
        context.registerBean(PathMappedEndpoints.class, LoginTest::endpoints);
        context.registerBean(ServletRegistrationBean.class, () -> new ServletRegistrationBean<>(new WhoHasCome(), "/"));
        context.register(LoginConfiguration.class);
        context.refresh();
        return context;
    }

    private static final class WhoHasCome extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String role = List.of("operator", "viewer").stream()
                    .filter(request::isUserInRole)
                    .findFirst()
                    .orElse("nobody");
            response.getWriter().write(request.getRemoteUser() + " " + role);
        }
    }
}

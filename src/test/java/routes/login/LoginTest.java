package routes.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Validation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.validation.ValidationBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.http.HttpStatus;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockServletContext;
import org.springframework.security.crypto.bcrypt.BCrypt;
import org.springframework.validation.beanvalidation.SpringValidatorAdapter;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;

/** The chain before the management port, as Spring Security builds it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LoginTest {

    private static final String PASSWORD = "correct horse: battery";
    private static final String HASH = BCrypt.hashpw(PASSWORD, BCrypt.gensalt(4));

    private final List<AnnotationConfigWebApplicationContext> contexts = new ArrayList<>();
    private final Filter login = login(PASSWORD);
    private final Filter closed = login("");

    @AfterAll
    void close() {
        contexts.forEach(AnnotationConfigWebApplicationContext::close);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/observe/health", "/observe/health/live", "/observe/health/consumers/x", "/observe/metrics"})
    void healthAndMetricsAreOpen(String path) throws Exception {
        assertThat(status(login, get(path))).isEqualTo(200);
        assertThat(status(closed, get(path))).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/observe",
                "/observe/deliveries",
                "/observe/metrics/",
                "/observe/metricsx",
                "/observe/healthy",
                "/login",
                "/logout",
                "/oauth2/authorization/oidc",
                "/login/oauth2/code/oidc"
            })
    void allElseNeedsTheLogin(String path) throws Exception {
        assertThat(status(login, get(path))).isEqualTo(401);
        assertThat(status(login, get(path, "operator", PASSWORD))).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/observe/jolokia/exec/x/../../../health",
                "/observe/health/../deliveries",
                "/observe/health/..;/deliveries",
                "/observe/health/%2e%2e/deliveries",
                "/observe/health//deliveries/./x",
                "//observe/health",
                "/observe/health;x=1",
                "/observe/health/%2fdeliveries",
                "/observe/health/%00",
                "/observe\\health"
            })
    void aPathThatCanBeReadInTwoWaysIsRefusedWithAndWithoutTheLogin(String path) throws Exception {
        assertThat(status(login, get(path))).isEqualTo(400);
        assertThat(status(login, get(path, "operator", PASSWORD))).isEqualTo(400);
    }

    @Test
    void withoutAPasswordNobodyCanLogInAndTheAnswerSaysWhatToSet() throws Exception {
        MockHttpServletResponse response = call(closed, get("/observe/deliveries", "operator", ""));

        assertThat(response.getStatus()).isEqualTo(403);
        assertThat(response.getContentAsString()).contains("Set MANAGEMENT_PASSWORD");
    }

    @ParameterizedTest
    @CsvSource({"operator, wrong", "somebody, correct horse: battery", "'', ''", "operator, ''"})
    void aWrongUserOrPasswordIsRefused(String user, String password) throws Exception {
        MockHttpServletResponse response = call(login, from("192.0.2.7", get("/observe/deliveries", user, password)));

        assertThat(response.getStatus()).isEqualTo(401);
        assertThat(response.getHeader("WWW-Authenticate")).startsWith("Basic ");
        assertThat(response.getContentAsString()).doesNotContain(PASSWORD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic ", "Basic !!!", "Basic b3BlcmF0b3I=", "Bearer b3BlcmF0b3I6eA=="})
    void whatIsNoLoginIsRefused(String authorization) throws Exception {
        MockHttpServletRequest request = get("/observe/deliveries");
        request.addHeader("Authorization", authorization);

        assertThat(status(login, request)).isEqualTo(401);
    }

    @Test
    void aPasswordCanBeHashedAndIsHashedOnceForAllRequests() throws Exception {
        String hash = BCrypt.hashpw(PASSWORD, BCrypt.gensalt(10));
        Filter hashed = login("{bcrypt}" + hash);

        long begin = System.nanoTime();
        assertThat(status(hashed, get("/", "operator", "wrong"))).isEqualTo(401);
        assertThat(status(hashed, get("/", "somebody", PASSWORD))).isEqualTo(401);
        assertThat(status(hashed, get("/", "operator", hash))).isEqualTo(401);
        assertThat(status(hashed, get("/", "operator", PASSWORD))).isEqualTo(200);
        long four = System.nanoTime() - begin;

        begin = System.nanoTime();
        for (int i = 0; i < 200; i++) {
            assertThat(status(hashed, get("/", "operator", PASSWORD))).isEqualTo(200);
        }
        assertThat(System.nanoTime() - begin)
                .as("hashed, they would take fifty times as long as the four, on any machine")
                .isLessThan(10 * four);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPasswordThatIsRememberedOpensNothingToAnotherOne(boolean hashed) throws Exception {
        Filter fresh = login(hashed ? "{bcrypt}" + HASH : PASSWORD);

        for (int i = 0; i < 2; i++) {
            assertThat(status(fresh, get("/", "operator", PASSWORD))).isEqualTo(200);
            assertThat(status(fresh, get("/", "operator", "wrong"))).isEqualTo(401);
            assertThat(status(fresh, get("/", "somebody", PASSWORD))).isEqualTo(401);
        }
    }

    /** Such as the name that a provider sends. */
    @Test
    void whatThePageOfARefusalSaysIsTextAndNoHtml() throws Exception {
        MockHttpServletRequest request = get("/");
        request.addHeader("Accept", "text/html");
        MockHttpServletResponse response = new MockHttpServletResponse();

        LoginConfiguration.problem(
                request, response, HttpStatus.FORBIDDEN, "<i>No</i>", "<script>1</script> is a viewer");

        assertThat(response.getContentAsString())
                .contains("&lt;i&gt;No&lt;/i&gt;", "&lt;script&gt;1&lt;/script&gt; is a viewer")
                .doesNotContain("<i>", "<script>");
    }

    /** Also at the first login after a start, when no password is remembered yet; all behind one proxy have one address. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoGuessesIsSlowedDownAndLocksOutNobodyElsewhereOrBehindTheSameAddress(boolean hashed) throws Exception {
        Filter fresh = login(hashed ? "{bcrypt}" + HASH : PASSWORD);
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            refused += status(fresh, from("198.51.100.1", get("/", "operator", "guess " + i))) == 429 ? 1 : 0;
        }

        assertThat(refused).isGreaterThan(50);
        assertThat(status(fresh, from("198.51.100.1", get("/", "operator", PASSWORD))))
                .isEqualTo(200);
        assertThat(status(fresh, from("192.0.2.1", get("/", "operator", PASSWORD))))
                .isEqualTo(200);
    }

    /** All of their hashes would take a processor for longer than anybody waits for a turn. */
    @Test
    void whileManyGuessAtATimeWhoIsLoggedInGoesOnAndSomebodyElsewhereLogsIn() throws Exception {
        Filter hashed = login("{bcrypt}" + BCrypt.hashpw(PASSWORD, BCrypt.gensalt(10)));
        assertThat(status(hashed, get("/", "operator", PASSWORD))).isEqualTo(200);
        List<Future<Integer>> guesses = new ArrayList<>();
        ExecutorService guessers = Executors.newFixedThreadPool(200);
        try {
            for (int i = 0; i < 200; i++) {
                guesses.add(guessers.submit(() -> status(hashed, get("/", "operator", "guess"))));
            }
            await("at once, instead of after a turn that does not come")
                    .atMost(Duration.ofSeconds(4))
                    .until(() -> guesses.stream().filter(Future::isDone).count() > 150);

            assertThat(status(hashed, get("/", "operator", PASSWORD))).isEqualTo(200);
            assertThat(status(hashed, from("192.0.2.1", get("/", "ann", PASSWORD))))
                    .isEqualTo(200);
        } finally {
            guessers.shutdownNow();
        }
    }

    @Test
    void aNetworkOfIpv6IsOneThatGuesses() throws Exception {
        int refused = 0;
        for (int i = 1; i <= 100; i++) {
            String address = "2001:db8:0:1:0:0:0:" + Integer.toHexString(i);
            refused += status(login, from(address, get("/", "operator", "guess " + i))) == 429 ? 1 : 0;
        }

        assertThat(refused).isGreaterThan(50);
    }

    @ParameterizedTest
    @CsvSource({"operator, true", "ann, true", "vic, false"})
    void theUserAndTheRoleAreKnownToWhatIsServed(String user, boolean operates) throws Exception {
        AtomicReference<@Nullable String> served = new AtomicReference<>();

        login.doFilter(get("/", user, PASSWORD), new MockHttpServletResponse(), (request, response) -> {
            HttpServletRequest known = (HttpServletRequest) request;
            served.set(known.getRemoteUser() + " " + known.isUserInRole("operator"));
        });

        assertThat(served).hasValue(user + " " + operates);
    }

    @ParameterizedTest
    @CsvSource({
        "GET,    /deliveries,                   200",
        "HEAD,   /deliveries,                   200",
        "GET,    /observe/deliveries,           200",
        "POST,   /observe/hawtio/jolokia,       200", // its policy knows the role
        "POST,   /observe/hawtio/jolokia/,      200",
        "POST,   /observe/hawtio/jolokiax,      403",
        "POST,   /deliveries,                   403",
        "POST,   /observe/deliveries,           403",
        "PUT,    /observe/hawtio/jolokia,       403",
        "DELETE, /observe/deliveries,           403",
        "PATCH,  /,                             403",
        "OPTIONS, /,                            403",
        "TRACE,  /,                             400",
        "get,    /,                             400",
    })
    void aViewerLooksAndChangesNothing(String method, String path, int status) throws Exception {
        MockHttpServletRequest request = get(path, "vic", PASSWORD);
        request.setMethod(method);

        MockHttpServletResponse response = call(login, request);

        assertThat(response.getStatus()).isEqualTo(status);
        if (status == 403) {
            assertThat(response.getContentAsString()).contains("vic is a viewer");
        }
        if (status != 400) {
            MockHttpServletRequest operators = get(path, "ann", PASSWORD);
            operators.setMethod(method);
            assertThat(status(login, operators)).isEqualTo(200);
        }
    }

    @Test
    void nobodyHasASessionAndEveryAnswerHasItsHeaders() throws Exception {
        MockHttpServletRequest request = get("/", "operator", PASSWORD);

        MockHttpServletResponse response = call(login, request);

        assertThat(request.getSession(false)).isNull();
        assertThat(response.getHeader("Set-Cookie")).isNull();
        assertThat(response.getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(response.getHeader("X-Frame-Options")).isEqualTo("DENY");
        assertThat(response.getHeader("Cache-Control")).contains("no-store");
    }

    @ParameterizedTest(name = "{0} {1}, Sec-Fetch-Site {2}, Origin {3}: {4}")
    @CsvSource(
            nullValues = "-",
            value = {
                "POST, /deliveries,         same-origin, http://localhost:9876, 200",
                "POST, /deliveries,         -,           http://localhost:9876, 200",
                "POST, /deliveries,         -,           -,                     200", // curl
                "POST, /deliveries,         none,        -,                     200",
                "POST, /deliveries,         cross-site,  http://evil.example,   403",
                "POST, /deliveries,         cross-site,  http://localhost:9876, 403",
                "POST, /deliveries,         same-site,   http://localhost:3000, 403",
                "POST, /deliveries,         -,           http://evil.example,   403",
                "POST, /deliveries,         -,           http://localhost:3000, 403",
                "POST, /deliveries,         -,           null,                  403",
                "POST, /deliveries,         -,           http://,               403",
                "POST, /observe/deliveries, cross-site,  http://evil.example,   403",
                "GET,  /observe/deliveries, cross-site,  -,                     403",
                "GET,  /deliveries,         cross-site,  -,                     403",
            })
    void whatAnotherSiteHasTheBrowserAskForIsRefusedThoughItHasTheLogin(
            String method, String path, @Nullable String site, @Nullable String origin, int status) throws Exception {
        MockHttpServletRequest request = get(path, "operator", PASSWORD);
        request.setMethod(method);
        request.addHeader("Host", "localhost:9876");
        if (site != null) {
            request.addHeader("Sec-Fetch-Site", site);
        }
        if (origin != null) {
            request.addHeader("Origin", origin);
        }

        assertThat(status(login, request)).isEqualTo(status);
    }

    @Test
    void aLinkToAPageCanBeFollowedAndOneToAnEndpointCannot() throws Exception {
        assertThat(status(login, link("/deliveries", "document"))).isEqualTo(200);
        assertThat(status(login, link("/deliveries", "iframe"))).isEqualTo(403);
        assertThat(status(login, link("/observe/jolokia/exec/x", "document"))).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            users[0].name=a b         | -                                  | letters, digits
            users[0].password=short   | -                                  | 8 to 256 printable
            users[0].role=-           | -                                  | viewer or operator
            users[0].name=operator    | -                                  | same name
            oidc.issuer=http://idp.example.com | -                         | https URL
            oidc.issuer=https://idp.example.com | oidc.url=https://ops.example.com/x | without a path
            oidc.issuer=https://idp.example.com | oidc.url=https://ops.example.com | an issuer also needs
            """)
    void whatCannotBeMeantStopsTheStartAndSaysWhatToWrite(String one, @Nullable String other, String says) {
        Map<String, String> settings = new HashMap<>(settings(PASSWORD));
        for (String setting : other == null ? List.of(one) : List.of(one, other)) {
            String[] parts = setting.split("=", 2);
            if (parts[1].equals("-")) {
                settings.remove("management.login." + parts[0]);
            } else {
                settings.put("management.login." + parts[0], parts[1]);
            }
        }

        assertThatThrownBy(() -> bind(settings))
                .isInstanceOf(BindException.class)
                .hasStackTraceContaining(says);
    }

    private static MockHttpServletRequest link(String path, String destination) {
        MockHttpServletRequest request = get(path, "operator", PASSWORD);
        request.addHeader("Sec-Fetch-Site", "cross-site");
        request.addHeader("Sec-Fetch-Mode", "navigate");
        request.addHeader("Sec-Fetch-Dest", destination);
        return request;
    }

    /** With an operator of this password, ann, who is one, too, and vic, who is a viewer; without a password, nobody. */
    private Filter login(String password) {
        AnnotationConfigWebApplicationContext context = new AnnotationConfigWebApplicationContext();
        context.setServletContext(new MockServletContext());
        context.addBeanFactoryPostProcessor(beans -> {
            beans.registerSingleton("settings", bind(password.isEmpty() ? Map.of() : settings(password)));
            beans.registerSingleton("endpoints", endpoints());
        });
        context.register(LoginConfiguration.class);
        context.refresh();
        contexts.add(context);
        return Objects.requireNonNull(
                context.getBean("login", FilterRegistrationBean.class).getFilter());
    }

    private static Map<String, String> settings(String password) {
        return Map.of(
                "management.login.password", password,
                "management.login.users[0].name", "ann",
                "management.login.users[0].password", password,
                "management.login.users[0].role", "operator",
                "management.login.users[1].name", "vic",
                "management.login.users[1].password", password,
                "management.login.users[1].role", "viewer");
    }

    static LoginSettings bind(Map<String, String> settings) {
        try (var validators = Validation.buildDefaultValidatorFactory()) {
            return new Binder(new MapConfigurationPropertySource(settings))
                    .bindOrCreate(
                            "management.login",
                            Bindable.of(LoginSettings.class),
                            new ValidationBindHandler(new SpringValidatorAdapter(validators.getValidator())));
        }
    }

    static PathMappedEndpoints endpoints() {
        PathMappedEndpoints endpoints = mock(PathMappedEndpoints.class);
        when(endpoints.getBasePath()).thenReturn("/observe");
        when(endpoints.getPath(any()))
                .thenAnswer(asked ->
                        asked.getArgument(0).toString().equals("health") ? "/observe/health" : "/observe/metrics");
        return endpoints;
    }

    private static MockHttpServletRequest get(String path) {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
        request.setServletPath(path);
        return request;
    }

    private static MockHttpServletRequest from(String address, MockHttpServletRequest request) {
        request.setRemoteAddr(address);
        return request;
    }

    private static MockHttpServletRequest get(String path, String user, String password) {
        MockHttpServletRequest request = get(path);
        request.addHeader(
                "Authorization",
                "Basic "
                        + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
        return request;
    }

    private static int status(Filter login, MockHttpServletRequest request) throws Exception {
        return call(login, request).getStatus();
    }

    private static MockHttpServletResponse call(Filter login, MockHttpServletRequest request) throws Exception {
        MockHttpServletResponse response = new MockHttpServletResponse();
        login.doFilter(request, response, new MockFilterChain());
        return response;
    }
}

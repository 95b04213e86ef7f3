package routes.login;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.crypto.bcrypt.BCrypt;

class LoginTest {

    private static final String PASSWORD = "correct horse: battery";

    private final Login login = login(PASSWORD);

    @ParameterizedTest
    @ValueSource(
            strings = {"/observe/health", "/observe/health/live", "/observe/health/consumers/x", "/observe/metrics"})
    void healthAndMetricsAreOpen(String path) throws Exception {
        assertThat(status(login, get(path))).isEqualTo(200);
        assertThat(status(login(""), get(path))).isEqualTo(200);
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
                "/observe/jolokia/exec/x/../../../health",
                "/observe/health/../deliveries",
                "/observe/health/..;/deliveries",
                "/observe/health/%2e%2e/deliveries",
                "/observe/health//deliveries/./x",
                "//observe/health",
                "/observe/health;x=1"
            })
    void allElseNeedsTheLogin(String path) throws Exception {
        assertThat(status(login, get(path))).isEqualTo(401);
        assertThat(status(login, get(path, "operator", PASSWORD))).isEqualTo(200);
    }

    @Test
    void withoutAPasswordNobodyCanLogInAndTheAnswerSaysWhatToSet() throws Exception {
        MockHttpServletResponse response = call(login(""), get("/observe/deliveries", "operator", ""));

        assertThat(response.getStatus()).isEqualTo(403);
        assertThat(response.getContentAsString()).contains("Set MANAGEMENT_PASSWORD");
    }

    @ParameterizedTest
    @CsvSource({"operator, wrong", "somebody, correct horse: battery", "'', ''", "operator, ''"})
    void aWrongUserOrPasswordIsRefused(String user, String password) throws Exception {
        MockHttpServletResponse response = call(login, get("/observe/deliveries", user, password));

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
        Login hashed = login("{bcrypt}" + hash);

        assertThat(status(hashed, get("/", "operator", "wrong"))).isEqualTo(401);
        assertThat(status(hashed, get("/", "somebody", PASSWORD))).isEqualTo(401);
        assertThat(status(hashed, get("/", "operator", hash))).isEqualTo(401);
        assertThat(status(hashed, get("/", "operator", PASSWORD))).isEqualTo(200);

        long begin = System.nanoTime();
        for (int i = 0; i < 200; i++) {
            assertThat(status(hashed, get("/", "operator", PASSWORD))).isEqualTo(200);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void guessesAreSlowedDownAndWhoIsLoggedInGoesOn() throws Exception {
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            refused += status(login, get("/", "operator", "guess " + i)) == 429 ? 1 : 0;
        }

        assertThat(refused).isGreaterThan(50);
        assertThat(status(login, get("/", "operator", PASSWORD))).isEqualTo(200);
    }

    @Test
    void theUserIsKnownToWhatIsServed() throws Exception {
        MockFilterChain chain = new MockFilterChain();

        login.doFilter(get("/", "operator", PASSWORD), new MockHttpServletResponse(), chain);

        assertThat(chain.getRequest())
                .isInstanceOfSatisfying(HttpServletRequest.class, request -> assertThat(request.getRemoteUser())
                        .isEqualTo("operator"));
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

    private static MockHttpServletRequest link(String path, String destination) {
        MockHttpServletRequest request = get(path, "operator", PASSWORD);
        request.addHeader("Sec-Fetch-Site", "cross-site");
        request.addHeader("Sec-Fetch-Mode", "navigate");
        request.addHeader("Sec-Fetch-Dest", destination);
        return request;
    }

    private static Login login(String password) {
        return new Login(new LoginSettings("operator", password), "/observe", "/observe/health", "/observe/metrics");
    }

    private static MockHttpServletRequest get(String path) {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", path);
        request.setServletPath(path);
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

    private static int status(Login login, MockHttpServletRequest request) throws Exception {
        return call(login, request).getStatus();
    }

    private static MockHttpServletResponse call(Login login, MockHttpServletRequest request) throws Exception {
        MockHttpServletResponse response = new MockHttpServletResponse();
        login.doFilter(request, response, new MockFilterChain());
        return response;
    }
}

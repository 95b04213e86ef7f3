package routes.login;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;
import routes.event.EventJson;
import routes.event.TokenBucket;

/**
 * The login of the management port: HTTP Basic (RFC 7617), without sessions. Health and metrics are open; all else needs it,
 * whoever serves it. Whatever is refused is told as problem+json (RFC 9457).
 *
 * <p>A browser that has the login sends it with whatever another site has it ask for. So what comes from another site is
 * refused: by {@code Sec-Fetch-Site}, which every browser of today sends and no script can set, or by {@code Origin} where that
 * is missing. Only a link to a page may be followed.
 */
final class Login extends OncePerRequestFilter {

    private static final Logger LOG = LoggerFactory.getLogger(Login.class);
    private static final String BASIC = "Basic ";
    private static final Set<String> OWN = Set.of("same-origin", "none");

    /** Guesses a second; those who are logged in already are not held up by them. */
    private static final int GUESSES = 5;

    private final Pattern open;
    private final Pattern endpoints;
    private final boolean hasPassword;
    private final Credentials credentials;
    private final TokenBucket guesses = new TokenBucket(GUESSES, 2 * GUESSES);

    /**
     * A login.
     *
     * @param base the path of all endpoints, such as {@code /observe}
     * @param health the path of health; what is below it is open, too
     * @param metrics the path of the metrics
     */
    Login(LoginSettings settings, String base, String health, String metrics) {
        this.hasPassword = settings.isOpen();
        this.credentials = new Credentials(settings);
        // The path as it was sent, and nothing in it that could be read in two ways: no dots, no escapes, no
        // parameters.
        this.open = Pattern.compile(Pattern.quote(metrics) + "|" + Pattern.quote(health) + "(/[A-Za-z0-9_-]+)*");
        this.endpoints = Pattern.compile(Pattern.quote(base) + "(/.*)?", Pattern.DOTALL);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        response.setHeader("X-Content-Type-Options", "nosniff");
        if (open.matcher(request.getRequestURI()).matches()) {
            chain.doFilter(request, response);
            return;
        }
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        if (isFromAnotherSite(request) && !isLink(request)) {
            refuse(response, HttpStatus.FORBIDDEN, "Another site", "What another site asks for is not done here.");
        } else if (!hasPassword) {
            refuse(
                    response,
                    HttpStatus.FORBIDDEN,
                    "There is no login",
                    "Set MANAGEMENT_PASSWORD (management.login.password) to open operations and pages. Health and metrics are open without.");
        } else {
            authenticate(request, response, chain);
        }
    }

    private void authenticate(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String[] given = given(request.getHeader(HttpHeaders.AUTHORIZATION));
        if (given != null && credentials.areKnown(given[0], given[1])) {
            chain.doFilter(new LoggedIn(request, given[0]), response);
        } else if (given != null && !guesses.take()) {
            response.setHeader(HttpHeaders.RETRY_AFTER, "1");
            refuse(response, HttpStatus.TOO_MANY_REQUESTS, "Too many logins", "Wait a second.");
        } else if (given != null && credentials.areRight(given[0], given[1])) {
            chain.doFilter(new LoggedIn(request, given[0]), response);
        } else {
            if (given != null) {
                LOG.warn("A login to the management port from {} was refused", request.getRemoteAddr());
            }
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"domain-event-routes\", charset=\"UTF-8\"");
            refuse(
                    response,
                    HttpStatus.UNAUTHORIZED,
                    "Not logged in",
                    "Log in with MANAGEMENT_USERNAME and MANAGEMENT_PASSWORD: curl -u user:password.");
        }
    }

    /** User and password, or null where there are none. */
    private static String @Nullable [] given(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return null;
        }
        try {
            byte[] decoded = Base64.getDecoder()
                    .decode(authorization.substring(BASIC.length()).strip());
            String[] parts = new String(decoded, StandardCharsets.UTF_8).split(":", 2);
            return parts.length == 2 ? parts : null;
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    private static boolean isFromAnotherSite(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return !OWN.contains(site);
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        return origin != null && !isOwn(origin, request.getHeader(HttpHeaders.HOST));
    }

    private static boolean isOwn(String origin, @Nullable String host) {
        try {
            String authority = URI.create(origin).getAuthority();
            return authority != null && authority.equalsIgnoreCase(host);
        } catch (IllegalArgumentException noUri) {
            return false;
        }
    }

    /** Somebody follows a link, to a page that changes nothing. Endpoints are no pages: some do what a GET says. */
    private boolean isLink(HttpServletRequest request) {
        return request.getMethod().equals("GET")
                && "navigate".equals(request.getHeader("Sec-Fetch-Mode"))
                && "document".equals(request.getHeader("Sec-Fetch-Dest"))
                && !endpoints.matcher(request.getServletPath()).matches()
                && !endpoints.matcher(request.getRequestURI()).matches();
    }

    private static void refuse(HttpServletResponse response, HttpStatus status, String title, String detail)
            throws IOException {
        response.setStatus(status.value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream()
                .write(EventJson.mapper()
                        .writeValueAsBytes(Map.of("status", status.value(), "title", title, "detail", detail)));
    }

    /** A request of somebody who is known. */
    private static final class LoggedIn extends HttpServletRequestWrapper {

        private final String user;

        private LoggedIn(HttpServletRequest request, String user) {
            super(request);
            this.user = user;
        }

        @Override
        public Principal getUserPrincipal() {
            return () -> user;
        }

        @Override
        public String getRemoteUser() {
            return user;
        }

        @Override
        public String getAuthType() {
            return BASIC_AUTH;
        }
    }
}

package routes.login;

import static org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher.pathPattern;

import jakarta.servlet.Filter;
import jakarta.servlet.SessionCookieConfig;
import jakarta.servlet.SessionTrackingMode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.FilterChainProxy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.util.HtmlUtils;
import routes.event.EventJson;
import routes.login.LoginSettings.User;
import routes.login.PasswordLogin.TooManyGuessesException;

/**
 * Puts Spring Security in front of everything on the management port. Spring Boot makes this in the context of that port, as
 * {@code META-INF/spring/...ManagementContextConfiguration.imports} says; it is not a {@code @Configuration} that scanning
 * finds, so it does not affect the public port, which has its own keys. Refusals are problem+json (RFC 9457).
 */
@EnableWebSecurity
class LoginConfiguration {

    /** Methods that change nothing. */
    private static final List<String> LOOKING = List.of("GET", "HEAD");

    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>%1$s · Domain event routes</title>
            <style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }</style>
            <p><strong>Domain event routes</strong></p>
            <h1>%1$s</h1>
            <p>%2$s</p>
            <p><a href="/">To the overview</a></p>
            </html>
            """;

    /** The firewall comes first: Spring's own registration parses the path before it, and fails on paths that it would refuse. */
    @Bean
    FilterRegistrationBean<Filter> login(SecurityFilterChain chain) {
        FilterRegistrationBean<Filter> login = new FilterRegistrationBean<>(new FilterChainProxy(chain));
        login.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return login;
    }

    @Bean
    FilterRegistrationBean<Filter> inItsPlace(@Qualifier("springSecurityFilterChain") Filter chain) {
        FilterRegistrationBean<Filter> springs = new FilterRegistrationBean<>(chain);
        springs.setEnabled(false);
        return springs;
    }

    /** The session of single sign-on; no other login has one. */
    @Bean
    ServletContextInitializer session(LoginSettings settings) {
        return context -> {
            context.setSessionTrackingModes(Set.of(SessionTrackingMode.COOKIE));
            SessionCookieConfig cookie = context.getSessionCookieConfig();
            cookie.setName("management-session");
            cookie.setHttpOnly(true);
            cookie.setSecure(settings.oidc().isSecure());
            cookie.setAttribute("SameSite", "Lax"); // Strict would not be sent on the way back from the provider
        };
    }

    @Bean
    SecurityFilterChain management(HttpSecurity http, LoginSettings settings, PathMappedEndpoints endpoints) {
        String health = String.valueOf(endpoints.getPath(EndpointId.of("health")));
        RequestMatcher open = new OrRequestMatcher(
                pathPattern(health + "/**"),
                pathPattern(String.valueOf(endpoints.getPath(EndpointId.of("prometheus")))));
        RequestMatcher jolokia = pathPattern(HttpMethod.POST, endpoints.getBasePath() + "/hawtio/jolokia/**");
        RequestMatcher search = new OrRequestMatcher( // no address is in a URL
                pathPattern(HttpMethod.POST, "/suppressions/search"), pathPattern(HttpMethod.POST, "/find"));
        RequestMatcher looking = new OrRequestMatcher(
                request -> LOOKING.contains(request.getMethod()), search, jolokia); // which has its own policy
        RequestMatcher anyEndpoint = pathPattern(endpoints.getBasePath() + "/**");
        List<User> users = settings.withPassword();

        http.authorizeHttpRequests(requests -> requests.requestMatchers(open)
                        .permitAll()
                        .requestMatchers(looking)
                        .hasAnyRole(Access.VIEWER.role(), Access.OPERATOR.role())
                        .anyRequest()
                        .hasRole(Access.OPERATOR.role()))
                .exceptionHandling(refused -> refused.authenticationEntryPoint(
                                (request, response, why) -> refuse(settings, request, response, why))
                        .accessDeniedHandler(LoginConfiguration::forbid))
                .addFilterAfter(new OwnSite(open, anyEndpoint, LoginConfiguration::forbid), HeaderWriterFilter.class)
                .csrf(AbstractHttpConfigurer::disable) // OwnSite
                .requestCache(AbstractHttpConfigurer::disable);
        if (!users.isEmpty()) {
            http.authenticationProvider(new PasswordLogin(users))
                    .httpBasic(basic -> basic.authenticationEntryPoint(
                            (request, response, why) -> refuse(settings, request, response, why)));
        }
        if (settings.oidc().isOn()) {
            SingleSignOn.add(http, settings.oidc());
        } else {
            http.logout(AbstractHttpConfigurer::disable)
                    .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
        }
        return http.build();
    }

    /** For users who are not logged in: says how to log in, or redirects a browser there. */
    private static void refuse(
            LoginSettings settings,
            HttpServletRequest request,
            HttpServletResponse response,
            AuthenticationException why)
            throws IOException {
        if (!settings.isOpen()) {
            problem(
                    request,
                    response,
                    HttpStatus.FORBIDDEN,
                    "There is no login",
                    "Set MANAGEMENT_PASSWORD (management.login.password) to open operations and pages. Health and metrics need no login.");
        } else if (why instanceof TooManyGuessesException) {
            response.setHeader(HttpHeaders.RETRY_AFTER, "1");
            problem(
                    request,
                    response,
                    HttpStatus.TOO_MANY_REQUESTS,
                    "Too many logins",
                    String.valueOf(why.getMessage()));
        } else if (settings.oidc().isOn() && isPage(request)) {
            response.sendRedirect(settings.oidc().url() + SingleSignOn.BEGIN);
        } else {
            if (!settings.withPassword().isEmpty()) {
                response.setHeader(
                        HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"domain-event-routes\", charset=\"UTF-8\"");
            }
            problem(
                    request,
                    response,
                    HttpStatus.UNAUTHORIZED,
                    "Not logged in",
                    "Log in with a user of management.login, such as MANAGEMENT_USERNAME and MANAGEMENT_PASSWORD: curl -u user:password.");
        }
    }

    /** What a browser shows, as opposed to a script's request. */
    private static boolean isPage(HttpServletRequest request) {
        return request.getMethod().equals("GET")
                && request.getHeader(HttpHeaders.AUTHORIZATION) == null
                && isBrowser(request);
    }

    private static boolean isBrowser(HttpServletRequest request) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        return accept != null && accept.contains(MediaType.TEXT_HTML_VALUE);
    }

    private static void forbid(HttpServletRequest request, HttpServletResponse response, AccessDeniedException why)
            throws IOException {
        boolean looks = request.isUserInRole(Access.VIEWER.role());
        problem(
                request,
                response,
                HttpStatus.FORBIDDEN,
                looks ? "Only for operators" : "Forbidden",
                looks
                        ? "%s is a viewer and cannot change anything: this needs the role operator."
                                .formatted(request.getRemoteUser())
                        : String.valueOf(why.getMessage()));
    }

    /** Answers with a problem, or with a page that says the same. */
    static void problem(
            HttpServletRequest request, HttpServletResponse response, HttpStatus status, String title, String detail)
            throws IOException {
        response.setStatus(status.value());
        if (isBrowser(request)) {
            page(response, title, detail);
            return;
        }
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream()
                .write(EventJson.mapper()
                        .writeValueAsBytes(Map.of("status", status.value(), "title", title, "detail", detail)));
    }

    /** A page for users who are not logged in and may not load the stylesheet. */
    static void page(HttpServletResponse response, String title, String text) throws IOException {
        response.setContentType("text/html;charset=UTF-8");
        response.setHeader(
                "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
        response.getOutputStream()
                .write(PAGE.formatted(HtmlUtils.htmlEscape(title), HtmlUtils.htmlEscape(text))
                        .getBytes(StandardCharsets.UTF_8));
    }
}

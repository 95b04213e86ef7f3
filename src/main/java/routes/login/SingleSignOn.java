package routes.login;

import static org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher.pathPattern;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.oidc.authentication.OidcAuthorizationCodeAuthenticationProvider;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserSource;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.web.HttpSessionOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestRedirectFilter;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.context.SecurityContextHolderFilter;
import routes.login.LoginSettings.Oidc;

/**
 * Login by OpenID Connect: the code flow with PKCE (RFC 7636), state and nonce. Its classes are loaded only where an issuer is set; the
 * provider's metadata is read at the first login, so the service starts without it. Redirects use the setting {@code url}, never a header.
 */
final class SingleSignOn {

    /** Where a login begins. */
    static final String BEGIN = "/oauth2/authorization/" + OidcProvider.ID;

    private static final Logger LOG = LoggerFactory.getLogger(SingleSignOn.class);

    /** A session ends this long after the login, even if it is in use: then the provider decides again who may do what. */
    private static final Duration SESSION = Duration.ofHours(8);

    private SingleSignOn() {}

    static void add(HttpSecurity http, Oidc settings) {
        OidcProvider provider = new OidcProvider(settings);
        var afterLogout = new OidcClientInitiatedLogoutSuccessHandler(provider);
        afterLogout.setRedirectStrategy(SingleSignOn::loggedOut);
        OidcUserService users = provider.users();
        users.setOidcUserConverter(source -> user(settings, source));
        http.oauth2Login(login -> login.clientRegistrationRepository(provider)
                        .authorizedClientRepository(new HttpSessionOAuth2AuthorizedClientRepository())
                        .loginPage(BEGIN)
                        .authorizationEndpoint(begin ->
                                begin.authorizationRequestRepository(new LoginCookie(provider, settings.isSecure())))
                        .tokenEndpoint(token -> token.accessTokenResponseClient(provider.tokens()))
                        .userInfoEndpoint(info -> info.oidcUserService(users))
                        .defaultSuccessUrl(settings.url() + "/", true)
                        .failureHandler(SingleSignOn::failed)
                        .withObjectPostProcessor(new ObjectPostProcessor<OAuth2AuthorizationRequestRedirectFilter>() {
                            @Override
                            public <T extends OAuth2AuthorizationRequestRedirectFilter> T postProcess(T begin) {
                                begin.setAuthenticationFailureHandler(SingleSignOn::failed);
                                return begin;
                            }
                        })
                        .withObjectPostProcessor(
                                new ObjectPostProcessor<OidcAuthorizationCodeAuthenticationProvider>() {
                                    @Override
                                    public <T extends OidcAuthorizationCodeAuthenticationProvider> T postProcess(
                                            T check) {
                                        check.setJwtDecoderFactory(provider::decoder);
                                        return check;
                                    }
                                }))
                .logout(logout -> logout.logoutRequestMatcher(pathPattern(HttpMethod.POST, "/logout"))
                        .logoutSuccessHandler(afterLogout))
                .addFilterBefore(SingleSignOn::endOldSession, SecurityContextHolderFilter.class);
    }

    /** Who logs in, and what they may do. Nobody is let in without a name for the audit, or without a role. */
    private static OidcUser user(Oidc settings, OidcUserSource source) {
        OidcUser user = new DefaultOidcUser(List.of(), source.getUserRequest().getIdToken(), source.getUserInfo());
        if (!(user.getClaims().get(settings.nameClaim()) instanceof String name)
                || !name.strip().matches("\\P{Cntrl}{1,100}")) {
            throw denied("The provider did not send the claim %s, which the audit needs as your name."
                    .formatted(settings.nameClaim()));
        }
        Access access = access(settings, user.getClaims().get(settings.roleClaim()));
        if (access == null) {
            throw denied(
                    "%s is neither an operator nor a viewer here: the provider's claim %s has no value of either role."
                            .formatted(name, settings.roleClaim()));
        }
        LOG.info("{} has logged in to the management port as {}", name, access.role());
        return new DefaultOidcUser(
                AuthorityUtils.createAuthorityList("ROLE_" + access.role()),
                user.getIdToken(),
                user.getUserInfo(),
                settings.nameClaim());
    }

    private static @Nullable Access access(Oidc settings, @Nullable Object claim) {
        Collection<?> values =
                claim instanceof Collection<?> several ? several : claim == null ? List.of() : List.of(claim);
        if (settings.operator().stream().anyMatch(values::contains)) {
            return Access.OPERATOR;
        }
        return settings.viewer().stream().anyMatch(values::contains) ? Access.VIEWER : null;
    }

    private static OAuth2AuthenticationException denied(String why) {
        return new OAuth2AuthenticationException(new OAuth2Error(OAuth2ErrorCodes.ACCESS_DENIED), why);
    }

    private static void failed(HttpServletRequest request, HttpServletResponse response, AuthenticationException why)
            throws IOException {
        LOG.warn(
                "A login to the management port by single sign-on from {} was refused: {}",
                request.getRemoteAddr(),
                why.getMessage());
        boolean denied = why instanceof OAuth2AuthenticationException refused
                && refused.getError().getErrorCode().equals(OAuth2ErrorCodes.ACCESS_DENIED);
        LoginConfiguration.problem(
                request,
                response,
                HttpStatus.FORBIDDEN,
                "Single sign-on failed",
                denied
                        ? String.valueOf(why.getMessage())
                        : "The provider did not answer, or not as expected: see the log. Start again at /.");
    }

    /**
     * The page's policy (form-action) makes a browser refuse a redirect to another site after a form, so it gets a page that
     * takes it to the provider's logout.
     */
    private static void loggedOut(HttpServletRequest request, HttpServletResponse response, String to)
            throws IOException {
        if (!to.equals("/")) {
            response.setHeader("Refresh", "0; url=" + to);
        }
        LoginConfiguration.page(response, "Logged out", "You are logged out.");
    }

    static void endOldSession(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpSession session = ((HttpServletRequest) request).getSession(false);
        if (session != null && System.currentTimeMillis() - session.getCreationTime() > SESSION.toMillis()) {
            session.invalidate();
        }
        chain.doFilter(request, response);
    }
}

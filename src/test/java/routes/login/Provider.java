package routes.login;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configuration.OAuth2AuthorizationServerConfiguration;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

/**
 * An OpenID provider on loopback, as companies have one: Spring Authorization Server, with its form, its check of client secret,
 * redirect address and PKCE. Three people have the password {@code password}: ann is in {@code admins}, vic in {@code staff}, and
 * max in neither.
 */
public final class Provider implements AutoCloseable {

    /** What the client shows to it. */
    public static final String SECRET = "secret-of-the-client";

    private final AnnotationConfigServletWebServerApplicationContext context =
            new AnnotationConfigServletWebServerApplicationContext();
    private final String issuer;

    private volatile String silent = "";
    private volatile CountDownLatch silence = new CountDownLatch(0);

    /**
     * Starts one.
     *
     * @param client the address that it sends people back to, such as {@code http://localhost:9876}
     */
    public Provider(int port, String client) {
        issuer = "http://localhost:" + port;
        context.registerBean(
                AuthorizationServerSettings.class,
                () -> AuthorizationServerSettings.builder().issuer(issuer).build());
        context.registerBean(TomcatServletWebServerFactory.class, () -> new TomcatServletWebServerFactory(port));
        context.registerBean(RegisteredClientRepository.class, () -> clients(client));
        context.registerBean( // without a servlet there are no filters
                ServletRegistrationBean.class, () -> new ServletRegistrationBean<>(new HttpServlet() {}, "/"));
        context.registerBean(FilterRegistrationBean.class, this::silence);
        context.register(Server.class);
        context.refresh();
    }

    /** Its name, as its tokens have it. */
    public String issuer() {
        return issuer;
    }

    /** From now on it takes requests of this path, and does not answer. */
    public void fallSilent(String path) {
        silence = new CountDownLatch(1);
        silent = path;
    }

    /** It answers again, also what it was asked meanwhile. */
    public void answer() {
        silent = "";
        silence.countDown();
    }

    private FilterRegistrationBean<Filter> silence() {
        var filter = new FilterRegistrationBean<Filter>((request, response, chain) -> {
            if (((HttpServletRequest) request).getRequestURI().equals(silent)) {
                try {
                    silence.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            chain.doFilter(request, response);
        });
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return filter;
    }

    @Override
    public void close() {
        answer();
        context.close();
    }

    private static RegisteredClientRepository clients(String client) {
        return new InMemoryRegisteredClientRepository(RegisteredClient.withId("1")
                .clientId("domain-event-routes")
                .clientSecret("{noop}" + SECRET)
                .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
                .redirectUri(client + "/login/oauth2/code/oidc")
                .scopes(scopes -> scopes.addAll(List.of("openid", "profile", "email")))
                .clientSettings(ClientSettings.builder()
                        .requireProofKey(true)
                        .requireAuthorizationConsent(false)
                        .build())
                .build());
    }

    @EnableWebSecurity
    static class Server {

        @Bean
        SecurityFilterChain chain(HttpSecurity http) {
            return http.oauth2AuthorizationServer(server -> server.oidc(Customizer.withDefaults()))
                    .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                    .formLogin(Customizer.withDefaults())
                    .build();
        }

        @Bean
        UserDetailsService people() {
            return new InMemoryUserDetailsManager(person("ann"), person("vic"), person("max"));
        }

        private static UserDetails person(String name) {
            return User.withUsername(name).password("{noop}password").roles("X").build();
        }

        @Bean
        JWKSource<SecurityContext> keys() throws JOSEException {
            RSAKey key = new RSAKeyGenerator(2048).keyID("1").generate();
            return new ImmutableJWKSet<>(new JWKSet(key));
        }

        @Bean
        JwtDecoder decoder(JWKSource<SecurityContext> keys) {
            return OAuth2AuthorizationServerConfiguration.jwtDecoder(keys);
        }

        @Bean
        OAuth2TokenCustomizer<JwtEncodingContext> claims() {
            return token -> {
                String name = Objects.requireNonNull(token.<Authentication>getPrincipal())
                        .getName();
                token.getClaims().claim("preferred_username", name + "@example.com");
                token.getClaims()
                        .claim(
                                "groups",
                                switch (name) {
                                    case "ann" -> List.of("staff", "admins");
                                    case "vic" -> List.of("staff");
                                    default -> List.of("guests");
                                });
            };
        }
    }
}

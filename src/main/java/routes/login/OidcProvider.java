package routes.login;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenDecoderFactory;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenValidator;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.userinfo.DefaultOAuth2UserService;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import routes.login.LoginSettings.Oidc;

/**
 * What single sign-on asks the provider: its metadata and keys, for a token, and about a user. Each answer is waited for no longer than
 * the setting {@code timeout}. Spring's own clients wait for a token or a user without end, and for metadata half a minute, one login
 * after another.
 */
final class OidcProvider implements ClientRegistrationRepository {

    /** The only registration. */
    static final String ID = "oidc";

    private static final ParameterizedTypeReference<Map<String, Object>> METADATA =
            new ParameterizedTypeReference<>() {};

    private final Oidc settings;
    private final JdkClientHttpRequestFactory requests;
    private volatile @Nullable ClientRegistration registration;
    private volatile @Nullable JwtDecoder decoder;

    OidcProvider(Oidc settings) {
        this.settings = settings;
        this.requests = new JdkClientHttpRequestFactory(HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build());
        requests.setReadTimeout(settings.timeout()); // from the connection to the end of the body
    }

    /**
     * The registration, with the provider's metadata, which is read when it is first needed.
     *
     * @throws OAuth2AuthenticationException if it cannot be read
     */
    @Override
    public @Nullable ClientRegistration findByRegistrationId(String id) {
        if (!id.equals(ID)) {
            return null;
        }
        ClientRegistration known = registration;
        if (known == null) {
            known = read();
            registration = known;
        }
        return known;
    }

    /** OpenID Connect Discovery 1.0, section 4. */
    private ClientRegistration read() {
        String address = settings.issuer().replaceFirst("/$", "") + "/.well-known/openid-configuration";
        try {
            Map<String, Object> metadata = requireNonNull(RestClient.builder()
                    .requestFactory(requests)
                    .build()
                    .get()
                    .uri(URI.create(address))
                    .retrieve()
                    .body(METADATA));
            ClientRegistration.Builder read = ClientRegistrations.fromOidcConfiguration(metadata);
            if (!settings.issuer().equals(metadata.get("issuer"))) {
                throw new IllegalStateException("its issuer is " + metadata.get("issuer"));
            }
            return registration(read);
        } catch (RuntimeException e) {
            throw new OAuth2AuthenticationException(
                    new OAuth2Error(OAuth2ErrorCodes.SERVER_ERROR),
                    "The provider's metadata cannot be read from %s: %s".formatted(address, e.getMessage()),
                    e);
        }
    }

    private ClientRegistration registration(ClientRegistration.Builder read) {
        ClientRegistration.Builder ours = read.registrationId(ID)
                .clientId(settings.clientId())
                .redirectUri(settings.url() + "/login/oauth2/code/" + ID)
                .scope(Stream.concat(Stream.of("openid"), settings.scopes().stream())
                        .toList());
        return settings.clientSecret().isEmpty()
                ? ours.clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
                        .build()
                : ours.clientSecret(settings.clientSecret()).build();
    }

    /** Exchanges a code for tokens, with the converters of Spring's own client. */
    OAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> tokens() {
        var tokens = new RestClientAuthorizationCodeTokenResponseClient();
        tokens.setRestClient(RestClient.builder()
                .requestFactory(requests)
                .configureMessageConverters(converters -> converters
                        .addCustomConverter(new FormHttpMessageConverter())
                        .addCustomConverter(new OAuth2AccessTokenResponseHttpMessageConverter()))
                .defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
                .build());
        return tokens;
    }

    /** Checks id tokens, by keys that are read when they are first needed; the checks are those of {@link OidcIdTokenDecoderFactory}. */
    JwtDecoder decoder(ClientRegistration registration) {
        JwtDecoder known = decoder;
        if (known == null) {
            NimbusJwtDecoder made = NimbusJwtDecoder.withJwkSetUri(
                            requireNonNull(registration.getProviderDetails().getJwkSetUri()))
                    .restOperations(new RestTemplate(requests))
                    .build();
            made.setJwtValidator(
                    JwtValidators.createDefaultWithValidators(List.of(new OidcIdTokenValidator(registration))));
            made.setClaimSetConverter(OidcIdTokenDecoderFactory.createDefaultClaimTypeConverter());
            decoder = known = made;
        }
        return known;
    }

    /** Asks who has logged in. */
    OidcUserService users() {
        RestTemplate client = new RestTemplate(requests);
        client.setErrorHandler(new OAuth2ErrorResponseErrorHandler());
        DefaultOAuth2UserService users = new DefaultOAuth2UserService();
        users.setRestOperations(client);
        OidcUserService ours = new OidcUserService();
        ours.setOauth2UserService(users);
        return ours;
    }
}

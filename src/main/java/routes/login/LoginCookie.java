package routes.login;

import com.fasterxml.jackson.core.type.TypeReference;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.AuthorizationRequestRepository;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.web.util.WebUtils;
import routes.event.EventJson;

/**
 * State, nonce and PKCE verifier of a login by single sign-on, in a cookie of the browser that began it. With sessions
 * instead, anybody who reaches the port could fill the memory.
 */
final class LoginCookie implements AuthorizationRequestRepository<OAuth2AuthorizationRequest> {

    private static final String NAME = "management-login";
    private static final Duration MAX_AGE = Duration.ofMinutes(10);

    private final ClientRegistrationRepository registrations;
    private final boolean secure;

    LoginCookie(ClientRegistrationRepository registrations, boolean secure) {
        this.registrations = registrations;
        this.secure = secure;
    }

    @Override
    public void saveAuthorizationRequest(
            @Nullable OAuth2AuthorizationRequest begun, HttpServletRequest request, HttpServletResponse response) {
        if (begun == null) {
            set(response, "", Duration.ZERO);
            return;
        }
        Map<String, Object> kept = new HashMap<>(begun.getAttributes());
        kept.put(OAuth2ParameterNames.STATE, begun.getState());
        set(
                response,
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(
                                EventJson.mapper().valueToTree(kept).toString().getBytes(StandardCharsets.UTF_8)),
                MAX_AGE);
    }

    /** Null unless this browser began the login that the provider answers. */
    @Override
    public @Nullable OAuth2AuthorizationRequest loadAuthorizationRequest(HttpServletRequest request) {
        Cookie cookie = WebUtils.getCookie(request, NAME);
        if (cookie == null) {
            return null;
        }
        try {
            @Nullable
            Map<String, Object> kept = EventJson.mapper()
                    .readValue(Base64.getUrlDecoder().decode(cookie.getValue()), new TypeReference<>() {});
            if (kept == null) {
                return null; // JSON's null
            }
            ClientRegistration registration =
                    registrations.findByRegistrationId(String.valueOf(kept.get(OAuth2ParameterNames.REGISTRATION_ID)));
            String state = String.valueOf(kept.remove(OAuth2ParameterNames.STATE));
            if (registration == null || !state.equals(request.getParameter(OAuth2ParameterNames.STATE))) {
                return null;
            }
            return OAuth2AuthorizationRequest.authorizationCode()
                    .authorizationUri(
                            String.valueOf(registration.getProviderDetails().getAuthorizationUri()))
                    .clientId(registration.getClientId())
                    .redirectUri(registration.getRedirectUri())
                    .scopes(registration.getScopes())
                    .state(state)
                    .attributes(attributes -> attributes.putAll(kept))
                    .build();
        } catch (IOException | IllegalArgumentException unreadable) {
            return null;
        }
    }

    @Override
    public @Nullable OAuth2AuthorizationRequest removeAuthorizationRequest(
            HttpServletRequest request, HttpServletResponse response) {
        OAuth2AuthorizationRequest begun = loadAuthorizationRequest(request);
        set(response, "", Duration.ZERO);
        return begun;
    }

    private void set(HttpServletResponse response, String value, Duration maxAge) {
        response.addHeader(
                HttpHeaders.SET_COOKIE,
                ResponseCookie.from(NAME, value)
                        .httpOnly(true)
                        .secure(secure)
                        .sameSite("Lax")
                        .path("/login/oauth2/code")
                        .maxAge(maxAge)
                        .build()
                        .toString());
    }
}

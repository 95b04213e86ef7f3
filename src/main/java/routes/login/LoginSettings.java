package routes.login;

import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Who may look and who may operate ({@code management.login.*}). Without a password, users or a provider, only health and metrics are open.
 *
 * @param username an operator (MANAGEMENT_USERNAME)
 * @param password the operator's password, plain or hashed with bcrypt (MANAGEMENT_PASSWORD)
 * @param users more users
 * @param oidc single sign-on
 */
@Validated
@ConfigurationProperties(prefix = "management.login", ignoreUnknownFields = false)
record LoginSettings(
        @DefaultValue("operator") @Pattern(regexp = NAME, message = WRITE_NAME)
        String username,

        @DefaultValue("") @Pattern(regexp = "|" + PASSWORD, message = WRITE_PASSWORD)
        String password,

        @DefaultValue List<@Valid User> users,

        @DefaultValue @Valid Oidc oidc) {

    private static final String NAME = "[A-Za-z0-9._@-]{1,64}";
    private static final String WRITE_NAME = "write 1 to 64 letters, digits and . _ @ -";
    private static final String PASSWORD =
            "(?!\\{)\\P{Cntrl}{8,256}|\\{bcrypt}\\$2[aby]\\$(0[4-9]|1[0-4])\\$[./A-Za-z0-9]{53}";
    private static final String WRITE_PASSWORD =
            "write 8 to 256 printable characters, or {bcrypt} and their hash from htpasswd -nB, with a cost of at most 14";

    /**
     * A user with a password.
     *
     * @param name the name in the audit
     * @param password plain, or hashed with bcrypt
     * @param role {@code viewer} or {@code operator}
     */
    record User(
            @NotNull(message = WRITE_NAME) @Pattern(regexp = NAME, message = WRITE_NAME)
            String name,

            @NotNull(message = WRITE_PASSWORD) @Pattern(regexp = PASSWORD, message = WRITE_PASSWORD)
            String password,

            @NotNull(message = "write viewer or operator") Access role) {

        /** Without the password: a record prints all it holds. */
        @Override
        public String toString() {
            return "User[name=%s, role=%s]".formatted(name, role);
        }
    }

    /**
     * Single sign-on by OpenID Connect Core 1.0, with a provider that supports OpenID Connect Discovery 1.0.
     *
     * @param issuer the provider's issuer; without one there is no single sign-on (MANAGEMENT_OIDC_ISSUER)
     * @param clientId the client id of this service at the provider (MANAGEMENT_OIDC_CLIENT_ID)
     * @param clientSecret the client's secret; a public client has none (MANAGEMENT_OIDC_CLIENT_SECRET)
     * @param url the URL at which browsers reach this port, for the way back from the provider (MANAGEMENT_OIDC_URL)
     * @param scopes the scopes to request besides {@code openid}
     * @param nameClaim the claim with the name for the audit
     * @param roleClaim the claim that decides the role, a string or a list of strings
     * @param viewer its values that make a viewer
     * @param operator its values that make an operator
     * @param timeout how long each answer of the provider is waited for; a login asks up to four times
     */
    record Oidc(
            @DefaultValue("") @Pattern(regexp = "|" + SAFE_URL, message = "write " + URLS)
            String issuer,

            @DefaultValue("") String clientId,

            @DefaultValue("") String clientSecret,

            @DefaultValue("") @Pattern(regexp = "|" + ORIGIN, message = "write " + URLS + ", without a path")
            String url,

            @DefaultValue({"profile", "email"}) List<String> scopes,

            @DefaultValue("preferred_username") String nameClaim,

            @DefaultValue("groups") String roleClaim,

            @DefaultValue List<String> viewer,

            @DefaultValue List<String> operator,

            @DurationMin(seconds = 1) @DurationMax(minutes = 1) @DefaultValue("10s")
            Duration timeout) {

        private static final String ORIGIN =
                "https://[A-Za-z0-9.-]+(:[0-9]+)?|http://(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]+)?";
        private static final String SAFE_URL = "(" + ORIGIN + ")(/[!-~&&[^?#]]*)?";
        private static final String URLS = "an https URL, or http for localhost only";

        boolean isOn() {
            return !issuer.isEmpty();
        }

        /** Whether browsers use TLS, so that cookies can be limited to it. */
        boolean isSecure() {
            return url.startsWith("https:");
        }

        @AssertTrue(
                message =
                        "an issuer also needs client-id, url, and the values of the role-claim for operator or viewer")
        boolean isComplete() {
            return !isOn()
                    || !(clientId.isEmpty()
                            || url.isEmpty()
                            || Stream.concat(viewer.stream(), operator.stream()).allMatch(String::isBlank));
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "Oidc[issuer=%s, clientId=%s, url=%s]".formatted(issuer, clientId, url);
        }
    }

    /** All who log in with a password. */
    List<User> withPassword() {
        return Stream.concat(
                        password.isEmpty() ? Stream.empty() : Stream.of(new User(username, password, Access.OPERATOR)),
                        users.stream())
                .toList();
    }

    boolean isOpen() {
        return oidc.isOn() || !withPassword().isEmpty();
    }

    @AssertTrue(message = "two users have the same name: rename one of them")
    boolean isUnambiguous() {
        return withPassword().stream().map(User::name).allMatch(new HashSet<>()::add);
    }

    /** Without the passwords. */
    @Override
    public String toString() {
        return "LoginSettings[users=%s, oidc=%s]".formatted(withPassword(), oidc);
    }
}

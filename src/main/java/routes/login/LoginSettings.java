package routes.login;

import jakarta.validation.constraints.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Who may operate the service ({@code management.login.*}).
 *
 * @param username the one user (MANAGEMENT_USERNAME)
 * @param password as it is, or hashed with bcrypt; without one the management port has health and metrics alone
 *     (MANAGEMENT_PASSWORD)
 */
@Validated
@ConfigurationProperties(prefix = "management.login", ignoreUnknownFields = false)
record LoginSettings(
        @DefaultValue("operator")
        @Pattern(regexp = "[A-Za-z0-9._@-]{1,64}", message = "write 1 to 64 letters, digits and . _ @ -")
        String username,

        @DefaultValue("")
        @Pattern(
                regexp = "|(?!\\{)\\P{Cntrl}{8,256}|\\{bcrypt}\\$2[aby]\\$(0[4-9]|1[0-4])\\$[./A-Za-z0-9]{53}",
                message =
                        "write 8 to 256 printable characters, or {bcrypt} and what htpasswd -nB makes of them, with a cost up to 14")
        String password) {

    boolean isOpen() {
        return !password.isEmpty();
    }

    /** Without the password: a record prints all it holds. */
    @Override
    public String toString() {
        return "LoginSettings[username=%s, password=%s]".formatted(username, isOpen() ? "***" : "none");
    }
}

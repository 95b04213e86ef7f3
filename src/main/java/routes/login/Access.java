package routes.login;

import java.util.Locale;

/** What a logged-in user may do. */
public enum Access {

    /** May look at everything and change nothing. */
    VIEWER,

    /** May look, and operate the service. */
    OPERATOR;

    /** The name of the role, as Spring Security and the servlet API know it, such as {@code operator}. */
    public String role() {
        return name().toLowerCase(Locale.ROOT);
    }
}

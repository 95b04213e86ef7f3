package routes.login;

import java.util.Locale;

/** What somebody who is logged in may do. */
public enum Access {

    /** Looks at everything and changes nothing. */
    VIEWER,

    /** Looks, and operates the service. */
    OPERATOR;

    /** The name of the role, as Spring Security and the servlet API know it, such as {@code operator}. */
    public String role() {
        return name().toLowerCase(Locale.ROOT);
    }
}

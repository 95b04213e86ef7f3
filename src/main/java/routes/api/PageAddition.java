package routes.api;

import org.jspecify.annotations.Nullable;

/** What is added to the page at {@code /}, such as buttons to try things out. Only the development platform has one. */
public interface PageAddition {

    /** HTML in which every value is escaped; {@code published} is that parameter, whoever wrote it, or null. */
    String html(@Nullable String published);
}

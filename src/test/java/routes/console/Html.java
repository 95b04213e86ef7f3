package routes.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;

/** What a test looks for in a page. */
final class Html {

    private Html() {}

    /** The first group of a pattern, which the page must have. */
    static String find(String pattern, String page) {
        var matcher = Pattern.compile(pattern).matcher(page);
        assertThat(matcher.find()).as(page).isTrue();
        return matcher.group(1);
    }
}

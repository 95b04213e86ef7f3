package routes.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** A page is JSON whose rows have a name of their own. */
class PageTest {

    @Test
    void aFullPageNamesTheNextOne() {
        assertThat(json(Page.of("letters", List.of("a", "b"), 2, String::length)))
                .isEqualTo("{\"letters\":[\"a\",\"b\"],\"next\":1}");
    }

    @Test
    void theLastPageNamesNone() {
        assertThat(json(Page.of("letters", List.of("a"), 2, some -> some))).isEqualTo("{\"letters\":[\"a\"]}");
        assertThat(json(Page.of("letters", List.of(), 2, some -> some))).isEqualTo("{\"letters\":[]}");
    }

    private static String json(Page<?> page) {
        return JsonMapper.shared().writeValueAsString(page);
    }
}

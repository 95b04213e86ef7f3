package routes.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import routes.event.DomainEvent;
import routes.event.EventPublisher;
import routes.event.Published;

/** The buttons of the API's page in development. */
class TryoutTest {

    private final List<DomainEvent> events = new ArrayList<>();
    private final EventPublisher publisher = new EventPublisher(given -> {
        events.addAll(given);
        return given.stream()
                .map(event -> new Published(event.id(), "domain-events", 0, 0))
                .toList();
    });
    private final Tryout tryout = new Tryout(
            Path.of("examples/events"),
            () -> publisher,
            Map.of("management", "http://localhost:9876", "inbox", "http://localhost:8025"));
    private final MockMvc api = MockMvcBuilders.routerFunctions(tryout.routes()).build();

    @Test
    void everyButtonPublishesItsExampleAndLeadsBackToThePage() throws Exception {
        List<String> buttons = Pattern.compile("action=\"(try/[^\"]+)\"")
                .matcher(tryout.html(null))
                .results()
                .map(button -> button.group(1))
                .toList();

        assertThat(buttons).contains("try/user-signed-up", "try/reward-earned").hasSizeGreaterThan(8);
        for (String button : buttons) {
            var answer = api.perform(post("/" + button).header("Sec-Fetch-Site", "same-origin"))
                    .andReturn()
                    .getResponse();

            assertThat(answer.getStatus()).as(button).isEqualTo(303);
            assertThat(answer.getHeader("Location"))
                    .isEqualTo("/?published=" + events.get(events.size() - 1).id());
        }
        assertThat(events).hasSameSizeAs(buttons);
    }

    @Test
    void afterwardsThePageLinksToWhatBecameOfTheEvent() {
        assertThat(tryout.html("event-1")).contains("href=\"http://localhost:9876/events/event-1\"");
        assertThat(tryout.html(null)).doesNotContain("Published.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"><script>", "a&b", "a/../b", ""})
    void anIdThatIsNoneIsNotShown(String id) {
        assertThat(tryout.html(id)).isEqualTo(tryout.html(null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/try/nothing", "/try/..%2F..%2Fpom", "/try/all-six"})
    void whatIsNotAnExampleIsNotFound(String path) throws Exception {
        assertThat(api.perform(post(java.net.URI.create(path)))
                        .andReturn()
                        .getResponse()
                        .getStatus())
                .isEqualTo(404);
        assertThat(events).isEmpty();
    }

    @Test
    void anotherSitesPageAndALinkPublishNothing() throws Exception {
        assertThat(api.perform(post("/try/user-signed-up").header("Sec-Fetch-Site", "cross-site"))
                        .andReturn()
                        .getResponse()
                        .getStatus())
                .isEqualTo(403);
        assertThat(api.perform(get("/try/user-signed-up"))
                        .andReturn()
                        .getResponse()
                        .getStatus())
                .isNotEqualTo(303);
        assertThat(events).isEmpty();
    }
}

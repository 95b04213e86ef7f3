package routes.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.ArgumentCaptor;
import org.mockito.Captor;
import org.mockito.junit.jupiter.MockitoSettings;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.servlet.function.ServerRequest;
import routes.event.Events;
import routes.explain.Explained;
import routes.explain.Explanations;

@MockitoSettings
class EventsTabTest {

    @Captor
    private ArgumentCaptor<Map<String, Object>> model;

    /** A proxy speaks TLS for console.example, and a request to it without TLS would show the password. */
    @ParameterizedTest
    @CsvSource({"'', http://localhost:9876", "https://operators.example:8443, https://operators.example:8443"})
    void theCommandSendsNoPasswordToTheHostOfTheRequest(String url, String origin) throws Exception {
        String id = Events.id();
        Layout layout = mock();
        Explanations explanations = mock();
        given(explanations.explain(anyString()))
                .willReturn(new Explained(id, true, null, null, null, List.of(), List.of(), List.of()));
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/events/" + id);
        request.setServerName("console.example");
        request.setLocalPort(9876);

        ServerRequest asked = ServerRequest.create(request, List.of());
        new EventsTab(layout, explanations, mock(), url)
                .routes()
                .route(asked)
                .orElseThrow()
                .handle(asked);

        verify(layout).page(any(), any(), any(), any(), model.capture());
        assertThat(model.getValue()).containsEntry("curl", origin + "/observe/events/" + id);
    }
}

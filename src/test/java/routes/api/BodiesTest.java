package routes.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.ErrorResponseException;

class BodiesTest {

    private static final int MIB = 1024 * 1024;

    /** With room for one of the largest. */
    private final Bodies bodies = new Bodies(new PublishingSettings(List.of(), 1, 4 * MIB));

    @Test
    void whileOthersTakeUpAllRoomTheNextIsToldToComeAgain() {
        try (Bodies.Body other = bodies.read(request(4 * MIB))) {
            assertThat(other.bytes()).hasSize(4 * MIB);
            assertIsRefused(1);
        }

        try (Bodies.Body next = bodies.read(request(1))) {
            assertThat(next.bytes()).hasSize(1);
        }
    }

    @Test
    void whatIsRefusedHalfwayTakesUpNoRoom() {
        try (Bodies.Body other = bodies.read(request(2 * MIB))) {
            assertIsRefused(3 * MIB);

            try (Bodies.Body next = bodies.read(request(2 * MIB))) {
                assertThat(next.bytes()).hasSameSizeAs(other.bytes());
            }
        }
    }

    /** A body in chunks has no length in its header. */
    @Test
    void aBodyIsBoundedWhateverItsHeaderSays() {
        Bodies roomy = new Bodies(8 * MIB);
        MockHttpServletRequest chunked = new MockHttpServletRequest("POST", "/events") {
            @Override
            public long getContentLengthLong() {
                return -1;
            }
        };
        chunked.setContent(new byte[4 * MIB + 1]);

        assertThatThrownBy(() -> roomy.read(chunked))
                .isInstanceOfSatisfying(
                        ErrorResponseException.class,
                        e -> assertThat(e.getStatusCode().value()).isEqualTo(413));
    }

    private void assertIsRefused(int bytes) {
        assertThatThrownBy(() -> bodies.read(request(bytes)))
                .isInstanceOfSatisfying(ErrorResponseException.class, e -> {
                    assertThat(e.getStatusCode().value()).isEqualTo(503);
                    assertThat(e.getHeaders().getFirst("Retry-After")).isEqualTo("1");
                });
    }

    private static MockHttpServletRequest request(int bytes) {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/events");
        request.setContent(new byte[bytes]);
        return request;
    }
}

package routes.kafka;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import routes.event.PublishingException;

class PublishRouteTest {

    /** The web server still takes requests while Camel stops: their callers are to repeat them. */
    @Test
    void whatComesWhileTheServiceStopsIsNotPublishedAndSaysSo() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.start();
            ProducerTemplate template = camel.createProducerTemplate();
            PublishRoute route = new PublishRoute(template);

            template.stop();
            assertNotPublished(route);

            camel.stop();
            assertNotPublished(route);
        }
    }

    private static void assertNotPublished(PublishRoute route) {
        assertThatThrownBy(() -> route.write(List.of())).isInstanceOf(PublishingException.class);
    }
}

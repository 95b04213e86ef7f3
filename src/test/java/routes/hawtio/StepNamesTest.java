package routes.hawtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.NamedNode;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StepNamesTest {

    private final DefaultCamelContext camel = new DefaultCamelContext();

    /** Whom the routes call. */
    public static class MailBox {

        /** What they call. */
        public String openNext(String body) {
            return body;
        }
    }

    @BeforeEach
    void start() {
        camel.addModelLifecycleStrategy(new StepNames());
        camel.start();
    }

    @AfterEach
    void stop() {
        camel.stop();
    }

    @Test
    void aStepIsCalledWhatItDoes() throws Exception {
        add("letters");

        assertThat(beans("letters"))
                .containsExactly(
                        "open next (mail box)",
                        "open next (mail box) in letters",
                        "open next (mail box) in letters 2",
                        "open next (post)",
                        "named by hand");
        assertThat(steps(camel.getRouteDefinition("letters")))
                .extracting(NamedNode::getId)
                .contains("if user.verified", "to end-of-letters");
        assertThat(camel.getProcessor("to end-of-letters")).isNotNull();
    }

    @Test
    void theSameStepOfAnotherRouteHasThatRoutesName() throws Exception {
        add("letters");
        add("parcels");

        assertThat(beans("parcels")).startsWith("open next (mail box) in parcels", "open next (mail box) in parcels 2");
    }

    @Test
    void aRouteThatIsLoadedAgainHasTheNamesThatItHadBefore() throws Exception {
        add("letters");
        List<String> before = beans("letters");

        camel.getRouteController().stopRoute("letters");
        camel.removeRoute("letters");
        add("letters");

        assertThat(beans("letters")).isEqualTo(before);
    }

    @Test
    void theXmlOfARouteSaysWhichIdsAreNames() throws Exception {
        new StepLabels().beforeApplicationStart(camel);
        add("letters");

        String xml = PluginHelper.getModelToXMLDumper(camel).dumpModelAsXml(camel, camel.getRouteDefinition("letters"));

        assertThat(xml)
                .contains("<bean id=\"open next (mail box)\" customId=\"true\"")
                .contains("<when id=\"if user.verified\" customId=\"true\"")
                .containsPattern("<choice id=\"choice\\d+\">");
    }

    private void add(String route) throws Exception {
        camel.getRegistry().bind("post", new MailBox());
        camel.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:" + route)
                        .routeId(route)
                        .bean(new MailBox(), "openNext(${body})")
                        .choice()
                        .when(simple("${body} == 'user.verified'"))
                        .bean(MailBox.class, "openNext")
                        .otherwise()
                        .bean(new MailBox(), "openNext")
                        .end()
                        .bean("post", "openNext")
                        .bean("post", "openNext")
                        .id(route.equals("letters") ? "named by hand" : "named by another hand")
                        .to("direct:end-of-" + route);
                from("direct:end-of-" + route).routeId("end-of-" + route).log("${body}");
            }
        });
    }

    private List<String> beans(String route) {
        return steps(camel.getRouteDefinition(route))
                .filter(BeanDefinition.class::isInstance)
                .map(NamedNode::getId)
                .toList();
    }

    private static Stream<NamedNode> steps(NamedNode parent) {
        return parent.getChildren().stream().flatMap(step -> Stream.concat(Stream.of(step), steps(step)));
    }
}

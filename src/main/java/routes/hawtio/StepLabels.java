package routes.hawtio;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.spi.ModelToXMLDumper;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.apache.camel.xml.LwModelToXMLDumper;
import org.springframework.stereotype.Component;

/**
 * Says in the XML of a route which ids are names ({@link StepNames}), as earlier versions of Camel did and Hawtio expects: it shows these
 * as labels, and {@code Bean} or {@code When} in place of others.
 */
@Component
class StepLabels implements ModelToXMLDumper, CamelContextConfiguration {

    /** An id that Camel has not made, such as {@code bean125}. */
    private static final Pattern NAME = Pattern.compile("(<\\w+ id=\"(?!\\w+?\\d+\")[^\"]+\")");

    private final ModelToXMLDumper camels = new LwModelToXMLDumper();

    @Override
    public void beforeApplicationStart(CamelContext camel) {
        camel.getCamelContextExtension().addContextPlugin(ModelToXMLDumper.class, this);
    }

    @Override
    public void afterApplicationStart(CamelContext camel) {
        // Nothing is left to do.
    }

    @Override
    public String dumpModelAsXml(CamelContext camel, NamedNode node) throws Exception {
        return labelled(camels.dumpModelAsXml(camel, node));
    }

    @Override
    public String dumpModelAsXml(
            CamelContext camel, NamedNode node, boolean resolved, boolean withGeneratedIds, boolean withLocations)
            throws Exception {
        return labelled(camels.dumpModelAsXml(camel, node, resolved, withGeneratedIds, withLocations));
    }

    private static String labelled(String xml) {
        return NAME.matcher(xml).replaceAll("$1 customId=\"true\"");
    }

    @Override
    public String dumpBeansAsXml(CamelContext camel, List<Object> beans) throws Exception {
        return camels.dumpBeansAsXml(camel, beans);
    }

    @Override
    public String dumpDataFormatsAsXml(CamelContext camel, Map<String, Object> formats) throws Exception {
        return camels.dumpDataFormatsAsXml(camel, formats);
    }
}

package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** The pom of examples/embedding names what this build makes, and what {@link EmbeddingIT} runs the sample with. */
class EmbeddingTest {

    private static final XPath XPATH = XPathFactory.newInstance().newXPath();
    private static final String PUBLISHER = "//dependency[classifier='publisher']/";

    private final Document own = read(Path.of("pom.xml"));
    private final Document sample = read(Path.of("examples/embedding/pom.xml"));

    @Test
    void theSampleDependsOnTheJarThatThisBuildMakes() throws Exception {
        for (String part : List.of("groupId", "artifactId", "version")) {
            assertThat(text(sample, PUBLISHER + part)).isEqualTo(text(own, "/project/" + part));
        }
        assertThat(text(own, "//plugin[artifactId='maven-jar-plugin']//execution[id='publisher']//classifier"))
                .isEqualTo("publisher");
        assertThat(text(sample, "/project/parent/version"))
                .as("the same Spring Boot")
                .isEqualTo(text(own, "/project/parent/version"));
    }

    @Test
    void theSampleAsksForNoMoreThanTheTestRunsItWith() throws Exception {
        NodeList others = (NodeList) XPATH.evaluate(
                "/project/dependencies/dependency[not(classifier)]/artifactId", sample, XPathConstants.NODESET);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < others.getLength(); i++) {
            names.add(others.item(i).getTextContent());
        }

        assertThat(names).containsExactly("spring-boot-starter", "kafka-clients", "jackson-databind");
        assertThat(text(sample, PUBLISHER + "exclusions/exclusion/artifactId")).isEqualTo("*");
    }

    private static String text(Document document, String path) throws Exception {
        return XPATH.evaluate(path, document);
    }

    private static Document read(Path file) {
        try (var xml = Files.newInputStream(file)) {
            return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(xml);
        } catch (Exception e) {
            throw new IllegalStateException(file.toString(), e);
        }
    }
}

package planted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Plants each bug of the list into a copy of the build, and runs the tests that should find it: {@code ./mvnw verify -Pplanted}. A bug is
 * found if one of them fails. Which lived is in {@code target/planted/report.md}.
 */
class PlantedBugs {

    private static final Path REPORT = Path.of("target", "planted", "report.md");
    private static final List<Bug> BUGS = Bug.all().stream()
            .filter(bug -> bug.bug().matches(System.getProperty("planted.bugs", ".*")))
            .toList();

    /** Without a bug all of these tests pass, or a failure would say nothing. */
    @BeforeAll
    static void theTestsPassWithoutABug() throws IOException {
        BuggyCopy copy = BuggyCopy.with(null);
        List<String> tests = BUGS.stream()
                .flatMap(bug -> bug.tests().stream())
                .distinct()
                .sorted()
                .toList();
        assertThat(copy.failing(tests))
                .as("the test that fails without a bug, see target/planted/none/tests.log")
                .isEmpty();
        copy.clean();
        Files.writeString(REPORT, "| bug | breaks | in | found by |\n|---|---|---|---|\n");
    }

    @TestFactory
    Stream<DynamicTest> aPlantedBugIsFound() {
        return BUGS.stream()
                .map(bug -> dynamicTest(bug.bug(), () -> {
                    BuggyCopy copy = BuggyCopy.with(bug);
                    Optional<String> finder = copy.failing(bug.tests());
                    copy.clean();
                    Files.writeString(
                            REPORT,
                            "| %s | %s | `%s` | %s |%n"
                                    .formatted(bug.bug(), bug.breaks(), bug.in(), finder.orElse("**lives**")),
                            StandardOpenOption.APPEND);
                    assertThat(finder)
                            .as("the test of %s that finds a break of: %s", bug.tests(), bug.breaks())
                            .isPresent();
                }));
    }
}

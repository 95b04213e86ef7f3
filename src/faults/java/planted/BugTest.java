package planted;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** The list of planted bugs keeps up with the code: what a bug replaces is there, and so are the tests that should find it. */
class BugTest {

    private final List<Bug> bugs = Bug.all();

    @Test
    void whatABugReplacesIsInItsFileOnce() throws Exception {
        for (Bug bug : bugs) {
            assertThat(bug.plantedIn(Files.readString(Path.of(bug.in())))).contains(bug.by());
            assertThat(bug.by()).isNotEqualTo(bug.replace());
        }
    }

    @Test
    void theTestsThatShouldFindABugExist() throws Exception {
        for (Bug bug : bugs) {
            assertThat(bug.tests()).as(bug.bug()).isNotEmpty();
            for (String test : bug.tests()) {
                String[] parts = test.split("#", 2);
                Class<?> type = Class.forName(parts[0]);
                if (parts.length > 1) {
                    assertThat(ReflectionSupport.findMethods(
                                    type, method -> method.getName().equals(parts[1]), HierarchyTraversalMode.TOP_DOWN))
                            .as("%s: %s", bug.bug(), test)
                            .isNotEmpty();
                }
            }
        }
    }

    @Test
    void aBugHasANameOfItsOwnAndSaysWhatItBreaks() {
        assertThat(bugs).extracting(Bug::bug).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z0-9-]+"));
        assertThat(bugs).extracting(Bug::breaks).allMatch(promise -> !promise.isBlank());
    }
}

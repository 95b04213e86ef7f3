package routes.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
    private final Path parent;

    DataDirectoryTest(@TempDir Path parent) {
        this.parent = parent;
    }

    @Test
    void aDirectoryWithFilesOfSomethingElseIsRefusedAndLeftAsItIs() throws IOException {
        Path thesis = Files.writeString(parent.resolve("thesis.txt"), "four years");

        assertThatThrownBy(() -> DataDirectory.open(parent))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining("holds files that are not the development platform's");
        assertThat(parent).isDirectoryContaining(thesis::equals);
        assertThat(parent.resolve(DataDirectory.MARKER)).doesNotExist();
    }

    @Test
    void aResetDeletesAllButTheMarker() throws IOException {
        try (DataDirectory data = DataDirectory.open(parent)) {
            Files.writeString(
                    Files.createDirectories(parent.resolve("kafka/log")).resolve("segment"), "records");

            data.reset();

            assertThat(parent).isDirectoryNotContaining("glob:**/kafka");
            assertThat(parent.resolve(DataDirectory.MARKER)).exists();
        }
    }

    @Test
    void aResetDeletesALinkAndNotWhatLiesBehindIt(@TempDir Path elsewhere) throws IOException {
        Path precious = Files.writeString(elsewhere.resolve("precious"), "kept");
        try (DataDirectory data = DataDirectory.open(parent)) {
            Files.createSymbolicLink(parent.resolve("link"), elsewhere);

            data.reset();

            assertThat(precious).hasContent("kept");
            assertThat(parent.resolve("link")).doesNotExist();
        }
    }

    @Test
    void aSecondPlatformIsRefusedAndToldTheProcessOfTheFirst() {
        try (DataDirectory first = DataDirectory.open(parent)) {
            assertThatThrownBy(() -> DataDirectory.open(first.path()))
                    .isInstanceOf(PlatformException.class)
                    .hasMessageContaining("already runs on " + first.path())
                    .hasMessageContaining(
                            "in process " + ProcessHandle.current().pid());
        }
    }

    @Test
    void aClosedDirectoryCanBeOpenedAgain() {
        DataDirectory.open(parent).close();

        DataDirectory.open(parent).close();
    }
}

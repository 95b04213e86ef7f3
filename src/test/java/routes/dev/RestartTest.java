package routes.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

class RestartTest {

    @TempDir
    private Path directory;

    private final ConfigurableApplicationContext first = context();
    private final Queue<ConfigurableApplicationContext> next = new ArrayDeque<>();
    private int starts;
    private Restart restart;

    @BeforeEach
    void prepare() throws Exception {
        Files.createDirectories(directory.resolve("routes"));
        Files.writeString(directory.resolve("routes/sms.camel.yaml"), "- route:\n");
        restart = new Restart(List.of(directory, directory.resolve("missing")), first, () -> {
            starts++;
            if (next.isEmpty()) {
                throw new IllegalStateException("a file is wrong");
            }
            return next.remove();
        });
    }

    @Test
    void theServiceStartsAnewWhenAFileWasChangedAndIsStill() throws Exception {
        next.add(context());
        look(3);
        assertThat(starts).isZero();

        Files.setLastModifiedTime(directory.resolve("routes/sms.camel.yaml"), FileTime.from(Instant.EPOCH));
        look(1);
        assertThat(starts).as("somebody may still be writing").isZero();
        look(3);

        assertThat(starts).isEqualTo(1);
        assertThat(first.isActive()).isFalse();
    }

    @Test
    void aNewFileIsAChangeAndSoIsOneThatIsGone() throws Exception {
        next.add(context());
        next.add(context());

        Path file = Files.writeString(directory.resolve("mail.camel.yaml"), "");
        look(2);
        Files.delete(file);
        look(2);

        assertThat(starts).isEqualTo(2);
    }

    @Test
    void afterAFileThatIsRefusedTheNextChangeStartsItAgain() throws Exception {
        Files.writeString(directory.resolve("wrong.camel.yaml"), "");
        look(3);
        assertThat(starts).isEqualTo(1);
        ConfigurableApplicationContext corrected = context();
        next.add(corrected);

        Files.delete(directory.resolve("wrong.camel.yaml"));
        look(3);

        assertThat(starts).isEqualTo(2);
        assertThat(corrected.isActive()).isTrue();
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            restart.look();
        }
    }

    private static ConfigurableApplicationContext context() {
        GenericApplicationContext context = new GenericApplicationContext();
        context.refresh();
        return context;
    }
}

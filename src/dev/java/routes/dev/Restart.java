package routes.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Restarts the service when a file of its routes, templates or SQL has changed, on the servers that run: in seconds, and by the same
 * checks as any start. If these refuse a file, the service is down until the file is changed again.
 */
final class Restart {

    private static final Logger LOG = LoggerFactory.getLogger(Restart.class);

    /** Editors write a file in several steps. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final List<Path> directories;
    private final Supplier<ConfigurableApplicationContext> start;
    private @Nullable ConfigurableApplicationContext running;
    private Map<Path, FileTime> before;
    private boolean isChanging;

    /**
     * Watches directories, which need not exist.
     *
     * @param running the service as it was started
     * @param start starts it
     */
    Restart(
            List<Path> directories,
            ConfigurableApplicationContext running,
            Supplier<ConfigurableApplicationContext> start) {
        this.directories = directories;
        this.running = running;
        this.start = start;
        this.before = files();
    }

    /** Looks once a second, in a thread that does not keep the process alive. */
    void watch() {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (true) {
                            Thread.sleep(PAUSE.toMillis());
                            look();
                        }
                    } catch (InterruptedException end) {
                        Thread.currentThread().interrupt();
                    }
                },
                "restart");
        thread.setDaemon(true);
        thread.start();
    }

    /** Restarts the service if files were changed, and not since the last look. */
    void look() {
        Map<Path, FileTime> now = files();
        if (!now.equals(before)) {
            before = now;
            isChanging = true;
        } else if (isChanging) {
            isChanging = false;
            restart();
        }
    }

    private void restart() {
        LOG.info("A file in {} has changed: the service restarts", directories);
        if (running != null) {
            running.close();
            running = null;
        }
        try {
            running = start.get();
        } catch (RuntimeException e) {
            LOG.error("The service is down until the file is fixed", e);
        }
    }

    private Map<Path, FileTime> files() {
        Map<Path, FileTime> all = new TreeMap<>();
        for (Path directory : directories) {
            if (Files.isDirectory(directory)) {
                try (var files = Files.walk(directory)) {
                    for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                        all.put(file, Files.getLastModifiedTime(file));
                    }
                } catch (IOException | UncheckedIOException e) {
                    LOG.debug("{} is being changed", directory, e); // the next look sees more
                }
            }
        }
        return all;
    }
}

package routes.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/** The process of the broker, started by {@link EmbeddedKafka}. It ends when its parent does. */
final class KafkaChild {
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private KafkaChild() {}

    /**
     * Runs the broker.
     *
     * @param args the file of its settings
     */
    public static void main(String[] args) throws IOException {
        endWithParent();
        format(Path.of(args[0]));
        Kafka.main(args);
    }

    /** However the parent dies, the pipe to it is closed. */
    private static void endWithParent() {
        daemon("parent-watch", () -> {
            awaitEndOfInput();
            daemon("halt", KafkaChild::haltAfterPatience);
            System.exit(0);
        });
    }

    private static void format(Path settings) throws IOException {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(settings)) {
            properties.load(reader);
        }
        if (Files.exists(Path.of(properties.getProperty("log.dirs"), "meta.properties"))) {
            return;
        }
        String[] format = {"format", "--cluster-id", Uuid.randomUuid().toString(), "--config", settings.toString()};
        if (StorageTool.execute(format, System.out) != 0) {
            throw new IllegalStateException("The storage of Kafka cannot be formatted");
        }
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is ever written to it.
            }
        } catch (IOException closed) {
            // As good as its end.
        }
    }

    private static void haltAfterPatience() {
        try {
            Thread.sleep(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}

package routes.dev;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;

/** What both containers are asked for. */
final class Containers {
    private Containers() {}

    static boolean areAvailable() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    static void kill(GenericContainer<?> container) {
        container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
    }

    /** Starts the same container again: a new one would have lost its data. */
    static void restart(GenericContainer<?> container, Duration patience, BooleanSupplier answers) {
        container
                .getDockerClient()
                .startContainerCmd(container.getContainerId())
                .exec();
        Awaitility.await().atMost(patience).until(answers::getAsBoolean);
    }
}

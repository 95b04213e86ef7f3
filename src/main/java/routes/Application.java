package routes;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The service: three consumer groups on one topic of domain events, and the route that publishes to it. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class Application {

    /**
     * Starts the service.
     *
     * @param args settings as {@code --key=value}, over those of the environment and of application.yaml
     */
    public static void main(String[] args) {
        SpringApplication.run(Application.class, args);
        // From here on only a signal ends the service, and then all has been closed in order: that is a success, where
        // Java
        // would answer 128 and the signal's number.
        SpringApplication.getShutdownHandlers().add(() -> Runtime.getRuntime().halt(0));
    }
}

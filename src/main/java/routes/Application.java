package routes;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The service: three consumer groups on one topic of domain events, and the route that publishes to it. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class Application {

    /**
     * Starts the service, or checks its settings and files ({@code --check}).
     *
     * @param args settings as {@code --key=value}, which override the environment and application.yaml
     */
    public static void main(String[] args) {
        if (Check.isAsked(args)) {
            System.exit(Check.run(args));
        }
        SpringApplication.run(Application.class, args);
        // From here on only a signal ends the service, and it shuts down in order: report success, where Java would
        // report
        // 128 plus the signal's number.
        SpringApplication.getShutdownHandlers().add(() -> Runtime.getRuntime().halt(0));
    }
}

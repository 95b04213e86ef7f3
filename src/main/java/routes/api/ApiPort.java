package routes.api;

import org.springframework.boot.web.server.ConfigurableWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;
import routes.settings.Role;
import routes.settings.RoleSettings;

/**
 * Opens the API's port on instances that serve it; others only listen for management. It has no order, so it runs after
 * Spring Boot's own customizer, which sets {@code server.port}.
 */
@Component
class ApiPort implements WebServerFactoryCustomizer<ConfigurableWebServerFactory> {

    private static final int NONE = -1;

    private final boolean isOpen;

    ApiPort(RoleSettings roles) {
        this.isOpen = roles.includesOneOf(Role.PUBLISH);
    }

    @Override
    public void customize(ConfigurableWebServerFactory factory) {
        if (!isOpen) {
            factory.setPort(NONE);
        }
    }
}

package routes.api;

import org.springframework.boot.web.server.ConfigurableWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;
import routes.settings.Role;
import routes.settings.RoleSettings;

/**
 * Opens the port of the API where there is one: an instance of other roles listens for management alone. Without an order, and so after
 * Spring Boot's own, which sets {@code server.port}.
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

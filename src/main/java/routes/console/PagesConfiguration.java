package routes.console;

import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Puts the pages on the management port: Spring Boot makes this in the context of that port, as
 * {@code META-INF/spring/...ManagementContextConfiguration.imports} says.
 */
class PagesConfiguration {

    @Bean
    RouterFunction<ServerResponse> pageRoutes(Pages pages, PathMappedEndpoints endpoints) {
        return pages.routes(endpoints.getBasePath());
    }
}

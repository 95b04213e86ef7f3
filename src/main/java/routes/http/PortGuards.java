package routes.http;

import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Guards a port against callers who send half a request. The number of connections, and the size and age of a request's head,
 * are Spring Boot's settings: {@code server.tomcat.max-connections}, {@code server.tomcat.connection-timeout},
 * {@code server.max-http-request-header-size}.
 *
 * <p>A component for the API's port; for the management port Spring Boot makes another one, as
 * {@code META-INF/spring/...ManagementContextConfiguration.imports} says.
 */
@Component
public class PortGuards implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.setProtocol(HeaderDeadlineProtocol.class.getName());
    }
}

package routes.http;

import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Guards a port against callers who send half a request. How many connections there may be, and how
 * large and how old the head of a request, are settings of Spring Boot: {@code server.tomcat.max-connections},
 * {@code server.tomcat.connection-timeout}, {@code server.max-http-request-header-size}.
 *
 * <p>A component for the API's port; for that of management Spring Boot makes another one, as
 * {@code META-INF/spring/...ManagementContextConfiguration.imports} says.
 */
@Component
public class PortGuards implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.setProtocol(HeaderDeadlineProtocol.class.getName());
    }
}

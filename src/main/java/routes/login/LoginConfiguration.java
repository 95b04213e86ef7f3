package routes.login;

import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/**
 * Puts the login before all that the management port serves. Spring Boot makes it in the context of that port, as
 * {@code META-INF/spring/...ManagementContextConfiguration.imports} says; as a configuration of the service itself it would
 * stand before the public port.
 */
class LoginConfiguration {

    @Bean
    FilterRegistrationBean<Login> login(LoginSettings settings, PathMappedEndpoints endpoints) {
        FilterRegistrationBean<Login> login = new FilterRegistrationBean<>(new Login(
                settings,
                endpoints.getBasePath(),
                String.valueOf(endpoints.getPath(EndpointId.of("health"))),
                String.valueOf(endpoints.getPath(EndpointId.of("prometheus")))));
        login.addUrlPatterns("/*");
        login.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return login;
    }
}

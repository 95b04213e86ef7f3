package routes.hawtio;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jolokia.server.core.http.AgentServlet;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnResource;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.MediaType;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Hawtio and Jolokia on the management port: Spring Boot makes this in the context of that port, as
 * {@code META-INF/spring/...ManagementContextConfiguration.imports} says, behind the login.
 */
@ConditionalOnResource(resources = HawtioConfiguration.INDEX)
@ConditionalOnProperty(name = "management.hawtio.enabled", matchIfMissing = true)
class HawtioConfiguration {

    /** Only in the executable jar. */
    static final String INDEX = "classpath:hawtio-static/index.html";

    /** The path that Hawtio's index page was built for. */
    private static final String BUILT_FOR = "\"/hawtio/";

    /** Its scripts create styles; its editor starts workers. Nothing is loaded from elsewhere or framed. */
    private static final String CONTENT_SECURITY_POLICY = """
            default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
            font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; \
            base-uri 'self'; form-action 'none'; frame-ancestors 'none'""";

    @Bean
    ServletRegistrationBean<AgentServlet> jolokia(PathMappedEndpoints endpoints) {
        ServletRegistrationBean<AgentServlet> jolokia = new ServletRegistrationBean<>(
                new AgentServlet(new JolokiaPolicy(HawtioConfiguration::isOperator)),
                endpoints.getBasePath() + "/hawtio/jolokia/*");
        jolokia.setName("jolokia");
        jolokia.setInitParameters(Map.of(
                "allowErrorDetails", "false",
                "allowDnsReverseLookup", "false",
                "discoveryEnabled", "false",
                "mimeType", MediaType.APPLICATION_JSON_VALUE));
        return jolokia;
    }

    @Bean
    RouterFunction<ServerResponse> hawtioRoutes(PathMappedEndpoints endpoints) {
        String root = endpoints.getBasePath() + "/hawtio";
        String index = index(root);
        return RouterFunctions.route()
                .GET(root, request -> ServerResponse.status(302)
                        .header("Location", root + "/")
                        .build())
                // What its pages ask the server: who is logged in, and that Hawtio needs no login of its own.
                .GET(
                        root + "/user",
                        request -> json('"' + request.principal().orElseThrow().getName() + '"'))
                .GET(root + "/plugin", request -> json(List.of()))
                .GET(root + "/auth/config/login", request -> json(List.of()))
                .GET(root + "/auth/config/oidc", request -> json(List.of()))
                .GET(root + "/auth/config/session-timeout", request -> json(Map.of("timeout", -1)))
                .GET(root + "/proxy/enabled", request -> json(false))
                .GET(root + "/keycloak/enabled", request -> json(false))
                .GET(root + "/preset-connections", request -> json(List.of()))
                .GET(root + "/hawtconfig.json", request -> json(config()))
                .GET(root + "/index.html", request -> page(index))
                .resources(root + "/**", new ClassPathResource("hawtio-static/"))
                // Its views have their own paths, which only its scripts know.
                .GET(
                        root + "/**",
                        request -> request.path().contains(".")
                                ? ServerResponse.notFound().build()
                                : page(index))
                .build();
    }

    private static boolean isOperator() {
        Authentication login = SecurityContextHolder.getContext().getAuthentication();
        return login != null
                && AuthorityUtils.authorityListToSet(login.getAuthorities()).contains("ROLE_operator");
    }

    private static ServerResponse json(Object body) {
        return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).body(body);
    }

    private static ServerResponse page(String index) {
        return ServerResponse.ok()
                .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
                .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                .body(index);
    }

    /** Without the plugins that the policy would refuse, and without remote connections. */
    private static Map<String, Object> config() {
        return Map.of(
                "branding", Map.of("appName", "Domain event routes", "showAppName", true),
                "disabledRoutes", List.of("/connect", "/runtime", "/diagnostics", "/logs", "/quartz", "/springboot"));
    }

    private static String index(String root) {
        try {
            return new ClassPathResource("hawtio-static/index.html")
                    .getContentAsString(StandardCharsets.UTF_8)
                    .replace(BUILT_FOR, "\"" + root + "/");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

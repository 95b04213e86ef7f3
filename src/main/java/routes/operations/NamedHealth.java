package routes.operations;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.ApiVersion;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointWebExtension;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointProperties;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.stereotype.Component;

/** Health over HTTP, with 404 below a name that there is not: Spring Boot 4.1 fails there, and anybody could fill the log with it. */
@EndpointWebExtension(endpoint = HealthEndpoint.class)
@Component
class NamedHealth extends HealthEndpointWebExtension {

    private final HealthContributorRegistry registry;
    private final HealthEndpointGroups groups;

    NamedHealth(
            HealthContributorRegistry registry, HealthEndpointGroups groups, HealthEndpointProperties properties) {
        super(registry, null, groups, properties.getLogging().getSlowIndicatorThreshold());
        this.registry = registry;
        this.groups = groups;
    }

    @Override
    public WebEndpointResponse<HealthDescriptor> health(
            ApiVersion version,
            @Nullable WebServerNamespace namespace,
            SecurityContext security,
            boolean showAll,
            String... path) {
        int name = path.length > 0 && groups.get(path[0]) != null ? 1 : 0;
        return path.length > name + 1 && registry.getContributor(path[name]) == null
                ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND)
                : super.health(version, namespace, security, showAll, path);
    }
}

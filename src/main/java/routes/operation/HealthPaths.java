package routes.operation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.ApiVersion;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointWebExtension;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.stereotype.Component;

/** Health over HTTP, with 404 for anything below an unknown name: Spring Boot's own fails there. */
@Component
class HealthPaths extends HealthEndpointWebExtension {

    private final HealthContributorRegistry registry;
    private final HealthEndpointGroups groups;

    HealthPaths(HealthContributorRegistry registry, HealthEndpointGroups groups) {
        super(registry, null, groups, null);
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
        return isPath(path)
                ? super.health(version, namespace, security, showAll, path)
                : new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
    }

    /** Whether all names but the last are of composites. */
    private boolean isPath(String... path) {
        HealthContributors in = registry;
        int first = path.length > 0 && groups.get(path[0]) != null ? 1 : 0;
        for (String name : Arrays.asList(path).subList(first, Math.max(first, path.length - 1))) {
            if (!(in.getContributor(name) instanceof HealthContributors parts)) {
                return false;
            }
            in = parts;
        }
        return true;
    }
}

package routes.operation;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;

/** {@code openapi}: the OpenAPI document of the operations over HTTP, which is {@code docs/operations/openapi.json}. */
@Component
@WebEndpoint(id = "openapi")
class OpenApiEndpoint {

    /** The document. */
    @ReadOperation(produces = "application/json")
    Resource document() {
        return new ClassPathResource("operations/openapi.json");
    }
}

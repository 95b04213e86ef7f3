package routes.yaml;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Consumers, and places of the built-in ones, in YAML files ({@code routes.*}).
 *
 * @param directory the directory of the files, {@code *.camel.yaml}; the default need not exist, and empty means none (ROUTES_DIRECTORY)
 */
@ConfigurationProperties(prefix = "routes", ignoreUnknownFields = false)
public record RoutesSettings(
        @DefaultValue(RoutesSettings.DEFAULT_DIRECTORY) String directory) {

    static final String DEFAULT_DIRECTORY = "routes";
}

package routes.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.ResourceLoader;
import org.springframework.stereotype.Component;

/** The statements of this service, which are files that a DBA can open, and replace from outside the jar. */
@Component
public class SqlFiles {

    private final ResourceLoader resources;
    private final String location;

    /** Reads under {@code sql.location} (SQL_LOCATION). */
    public SqlFiles(ResourceLoader resources, @Value("${sql.location}") String location) {
        this.resources = resources;
        this.location = location;
    }

    /** The statement in a file that a deployment may have; empty where it has none. */
    public Optional<String> readIfPresent(String name) {
        return resources.getResource(location + name).exists() ? Optional.of(read(name)) : Optional.empty();
    }

    /**
     * The statement in a file.
     *
     * @param name the path under {@code sql.location}, such as {@code delivery/record.sql}
     */
    public String read(String name) {
        try {
            return resources.getResource(location + name).getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidSettingException(
                    "sql.location",
                    "is %s, where %s cannot be read: write the directory that holds it, with a slash at the end"
                            .formatted(location, name));
        }
    }
}

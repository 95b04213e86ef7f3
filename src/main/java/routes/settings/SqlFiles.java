package routes.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;
import org.springframework.util.ResourceUtils;

/**
 * The SQL statements of this service, in files that a DBA can open. Those that use the application's tables begin with a
 * contract number, which stands for their parameters and columns. {@code sql.location} (SQL_LOCATION) may replace these by
 * files of the same name and contract; all other files come from the jar.
 */
@Component
public class SqlFiles {

    private static final String IN_THE_JAR = "classpath:sql/";
    private static final Pattern CONTRACT = Pattern.compile("\\A-- contract (\\d{1,5})\\b");

    /** Begins the line with the name of a statement. */
    private static final String NAME = "-- sql/";

    /** Files that only a deployment may have. */
    private static final List<String> OPTIONAL = List.of("mail/campaign-template.sql");

    private final ResourceLoader resources;
    private final String location;

    /**
     * Reads from {@code sql.location}, and otherwise from the jar.
     *
     * @throws InvalidSettingException when that is a directory with a file that replaces nothing, or does not fit
     */
    public SqlFiles(ResourceLoader resources, @Value("${sql.location}") String location) throws IOException {
        this.resources = resources;
        String given = location.isBlank() ? IN_THE_JAR : location;
        this.location = ResourceUtils.isUrl(given) ? given : "file:" + given;
        if (!this.location.endsWith("/")) {
            throw wrong("is %s: write a directory that ends with a slash".formatted(location));
        }
        Resource directory = resources.getResource(this.location);
        if (directory.isFile()) {
            check(directory.getFilePath());
        }
    }

    private void check(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw wrong("is %s, which is not a directory: write the one with your SQL files".formatted(location));
        }
        Set<String> problems = new TreeSet<>();
        for (Path file : OwnFiles.in(directory, ".sql")) {
            String name = file.toString().replace('\\', '/');
            if (!OPTIONAL.contains(name)) {
                try {
                    read(name);
                } catch (InvalidSettingException e) {
                    problems.add(e.getMessage());
                }
            }
        }
        if (!problems.isEmpty()) {
            throw wrong(String.join("; ", problems));
        }
    }

    /** The statement in an optional file, after a line with its name; empty if the deployment has none. */
    public Optional<String> readIfPresent(String name) {
        return own(name).map(file -> named(name, content(file)));
    }

    /**
     * The statement in a file, after a line with its name: that is how the database's own views and logs, and what is said of a failure
     * ({@link SqlErrors}), name it.
     *
     * @param name its path, such as {@code delivery/record.sql}
     * @throws InvalidSettingException when {@code sql.location} has a file of that name for another version, or one that must
     *     not be replaced
     */
    public String read(String name) {
        Resource shipped = resources.getResource(IN_THE_JAR + name);
        Optional<Resource> own = location.equals(IN_THE_JAR) ? Optional.empty() : own(name);
        if (own.isEmpty()) {
            return named(name, content(shipped));
        }
        if (!shipped.exists()) {
            throw wrong("contains %s, which does not replace any file of the service: correct its name, or remove it"
                    .formatted(name));
        }
        String expected = contract(content(shipped))
                .orElseThrow(() ->
                        wrong("contains %s, which uses only the service's own tables and cannot be replaced: remove it"
                                .formatted(name)));
        String content = content(own.get());
        if (!contract(content).equals(Optional.of(expected))) {
            throw wrong(
                    "contains %s, which does not begin with '-- contract %s': compare it with this version's file (its parameters or columns"
                                    .formatted(name, expected)
                            + " may have changed), then write that first line");
        }
        return named(name, content);
    }

    private static String named(String name, String content) {
        return NAME + name + "\n" + content;
    }

    /** All statements, by file path without the extension. */
    Map<String, String> all() throws IOException {
        Map<String, String> all = new HashMap<>();
        for (Resource file :
                new PathMatchingResourcePatternResolver(resources).getResources("classpath*:sql/**/*.sql")) {
            String path = file.getURL().getPath();
            String name = path.substring(path.lastIndexOf("/sql/") + "/sql/".length());
            all.put(name.substring(0, name.length() - ".sql".length()), read(name));
        }
        return all;
    }

    private static Optional<String> contract(String sql) {
        Matcher contract = CONTRACT.matcher(sql);
        return contract.find() ? Optional.of(contract.group(1)) : Optional.empty();
    }

    private Optional<Resource> own(String name) {
        Resource own = resources.getResource(location + name);
        return own.exists() ? Optional.of(own) : Optional.empty();
    }

    private String content(Resource file) {
        try {
            return file.getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw wrong("is %s, where %s cannot be read: %s".formatted(location, file.getFilename(), e.getMessage()));
        }
    }

    private static InvalidSettingException wrong(String sentence) {
        return new InvalidSettingException("sql.location", sentence);
    }
}

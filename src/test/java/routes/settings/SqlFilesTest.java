package routes.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.core.io.DefaultResourceLoader;

/** A deployment replaces the files that touch its tables, one by one, and no others. */
class SqlFilesTest {

    private static final Path SQL = Path.of("src/main/resources/sql");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void oneFileIsReplacedAndTheOthersAreThoseOfTheJar() throws Exception {
        write("mail/person.sql", "-- contract 2\nSELECT 42");

        SqlFiles sql = files();

        assertThat(sql.read("mail/person.sql")).endsWith("SELECT 42");
        assertThat(sql.read("reward/find.sql")).contains("FROM user_rewards");
        assertThat(sql.read("delivery/record.sql")).contains("event_routes.delivery");
        assertThat(sql.readIfPresent("mail/campaign-template.sql")).isEmpty();
    }

    @Test
    void aFileThatTheJarDoesNotHaveIsReadWhereItIs() throws Exception {
        write("mail/campaign-template.sql", "SELECT 1");

        assertThat(files().readIfPresent("mail/campaign-template.sql"))
                .hasValueSatisfying(statement -> assertThat(statement).endsWith("\nSELECT 1"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    mail/person.sql     | SELECT 42                | mail/person.sql, which does not begin with '-- contract 2'
                    mail/person.sql     | -- contract 12           | mail/person.sql, which does not begin with '-- contract 2'
                    mail/persons.sql    | -- contract 1            | mail/persons.sql, which does not replace any file
                    delivery/record.sql | -- contract 1            | delivery/record.sql, which uses only the service's own tables
                    """)
    void aFileThatReplacesWronglyStopsTheStart(String name, String content, String message) throws Exception {
        write(name, content);

        assertThatThrownBy(this::files)
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aLocationThatIsNotADirectoryStopsTheStart() {
        assertThatThrownBy(() -> new SqlFiles(new DefaultResourceLoader(), "file:/nowhere"))
                .hasMessageContaining("that ends with a slash");
        assertThatThrownBy(() -> new SqlFiles(
                        new DefaultResourceLoader(), directory.resolve("no").toUri() + "/"))
                .hasMessageContaining("is not a directory");
    }

    /** The kubelet writes what is mounted into a directory of its own, and swaps a link to that. */
    @Test
    void aMountedConfigMapIsReadThroughItsLinksAndChecked() throws Exception {
        write("..2026_11_30/mail/person.sql", "-- contract 2\nSELECT 42");
        Files.createSymbolicLink(directory.resolve("..data"), Path.of("..2026_11_30"));
        Files.createSymbolicLink(directory.resolve("mail"), Path.of("..data/mail"));

        assertThat(files().read("mail/person.sql")).endsWith("SELECT 42");

        write("..2026_11_30/mail/person.sql", "SELECT 42");
        assertThatThrownBy(this::files)
                .hasMessageContaining("contains mail/person.sql, which does not begin with '-- contract 2'");
    }

    @Test
    void aLinkToADirectoryIsCheckedAsTheDirectoryIs() throws Exception {
        write("real/mail/persons.sql", "SELECT 42");
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("real"));

        assertThatThrownBy(() -> new SqlFiles(new DefaultResourceLoader(), link + "/"))
                .hasMessageContaining("contains mail/persons.sql, which does not replace any file");
    }

    /** What reads or writes a table of the application may be replaced; what knows the service's own tables alone may not. */
    @Test
    void justTheFilesAboutTheApplicationsTablesHaveAContract() throws Exception {
        List<Path> all = under(SQL, ".sql");
        for (Path file : all) {
            String text = Files.readString(file);
            assertThat(text.matches("(?s)-- contract \\d+\n.*"))
                    .as(file.toString())
                    .isEqualTo(text.replaceAll("(?m)--.*$", "")
                            .matches("(?s).*\\b(FROM|JOIN|UPDATE|INTO)\\s+(ONLY )?"
                                    + "(campaigns|waitlist_users|rewards|user_rewards|webhooks)\\b.*"));
        }
        assertThat(all).hasSizeGreaterThan(100);
    }

    /** A wrong name is found here, and not by the first who needs the statement. */
    @Test
    void theCodeNamesTheFilesThatThereAre() throws Exception {
        Set<String> files = under(SQL, ".sql").stream()
                .map(file -> SQL.relativize(file).toString().replace(".sql", ""))
                .collect(Collectors.toSet());
        StringBuilder code = new StringBuilder();
        for (Path file : under(Path.of("src/main/java"), ".java")) {
            code.append(Files.readString(file));
        }
        Set<String> named = Pattern.compile("\"([a-z]+(?:/[a-z-]+)+)\"")
                .matcher(code)
                .results()
                .map(name -> name.group(1))
                .filter(name -> !name.startsWith("application/") && !name.startsWith("message/")) // media types
                .collect(Collectors.toSet());

        assertThat(files).containsAll(named);
        assertThat(files).allMatch(file -> named.contains(file) || code.indexOf(file + ".sql") >= 0);
        assertThat(new SqlFiles(new DefaultResourceLoader(), "classpath:sql/").all())
                .containsKeys(files.toArray(String[]::new));
    }

    private static List<Path> under(Path directory, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    private void write(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private SqlFiles files() throws IOException {
        return new SqlFiles(new DefaultResourceLoader(), directory.toUri().toString());
    }
}

package routes.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The documented table of the templates' variables says what the check at the start knows. */
class DocumentedVariablesTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| (`[a-z_`, ]+`) \\| (all|`[a-z_.`, ]+`) \\|(.*)\\|$");
    private static final Pattern NAME = Pattern.compile("`([a-z_.]+)`");

    @ParameterizedTest
    @EnumSource(Mail.class)
    void theTableHasTheVariablesOfEachMail(Mail mail) throws Exception {
        boolean withoutRow = mail == Mail.WELCOME || mail == Mail.VERIFIED;
        Set<String> required = new TreeSet<>();
        Set<String> optional = new TreeSet<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("docs/guides/mail-templates.md")));
        while (rows.find()) {
            if (rows.group(2).equals("all") || names(rows.group(2)).contains(mail.folder())) {
                for (String name : names(rows.group(1))) {
                    boolean maybe = rows.group(3).contains("may be missing") || (withoutRow && !name.equals("email"));
                    (maybe ? optional : required).add(name);
                }
            }
        }

        assertThat(required).isEqualTo(new TreeSet<>(mail.required()));
        assertThat(optional).isEqualTo(new TreeSet<>(mail.optional()));
    }

    private static List<String> names(String cell) {
        return NAME.matcher(cell)
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}

package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Words that read as translated come back easily: the worst of CONTRIBUTING's list, in code, SQL and pages. */
class PlainEnglishTest {

    private static final List<Pattern> TRANSLATED = List.of(
            Pattern.compile("(?<![Tt]here )\\b(is|are) no (?!longer|more|reason|less|worse)\\w"),
            Pattern.compile("(?<![Tt]here )(?<!where )\\b(is|are) none\\b"),
            Pattern.compile("\\bstands? in (the|its|a|an|no)\\b"),
            Pattern.compile("\\bthe (latest|newest|oldest) first\\b"),
            Pattern.compile("\\b[Hh]ow (a|the|each|one|all) (consumer )?(groups?|receivers?) do(es)?\\b(?! not)"),
            Pattern.compile("\\bhas not (a|an|the|no)\\b"),
            Pattern.compile("\\ban? (row|page|mail|line|tab|class|file|person|event) an? "
                    + "(row|page|mail|line|tab|class|person|event|type|method|route)\\b"),
            Pattern.compile("(?<!\\b[Aa]ll )\\b(is|are) well\\b"),
            Pattern.compile("\\bmay come yet\\b"),
            Pattern.compile("\\bholds? (something |it |that )?against\\b"),
            Pattern.compile("\\b(the latest|after) so many\\b"),
            Pattern.compile("\\bwithout a break\\b"),
            Pattern.compile("\\btried again in a (moment|while)\\b"),
            Pattern.compile("\\bwith a slash at the end\\b"),
            Pattern.compile("\\bmended\\b"),
            Pattern.compile("\\b(is|are|was|were) away\\b"),
            Pattern.compile("\\bfor ever\\b"),
            Pattern.compile("\\bgo(es)? on\\b(?! to)"),
            Pattern.compile("\\btakes? in nothing\\b"),
            Pattern.compile("\\bgone astray\\b"),
            Pattern.compile("\\b(is|are|was|were|being) carried out\\b"),
            Pattern.compile("\\b(is|are) to be had\\b"),
            Pattern.compile("\\b(comes?|came) to nothing\\b"),
            Pattern.compile("\\bcounts? no more\\b"),
            Pattern.compile("\\bnobody foresaw\\b"));

    @Test
    void codeAndPagesReadAsWritten() throws Exception {
        List<String> found = new ArrayList<>();
        for (Path file : files()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                for (Pattern words : TRANSLATED) {
                    if (words.matcher(lines.get(i)).find()) {
                        found.add(
                                "%s:%d: %s".formatted(file, i + 1, lines.get(i).strip()));
                    }
                }
            }
        }

        assertThat(found).isEmpty();
    }

    /** Without migrations, whose checksums are kept, and decisions, which are history. */
    private static List<Path> files() throws IOException {
        List<Path> all = new ArrayList<>(DocumentationTest.pages());
        try (Stream<Path> sources = Files.walk(Path.of("src/main"))) {
            sources.filter(file -> file.toString().matches(".*\\.(java|sql|yaml|mustache)"))
                    .forEach(all::add);
        }
        return all.stream()
                .filter(file -> !file.toString().contains("migration")
                        && !file.startsWith("docs/adr")
                        && !file.endsWith("CONTRIBUTING.md"))
                .toList();
    }
}

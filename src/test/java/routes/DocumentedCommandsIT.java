package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import routes.DocumentedCommands.Answer;
import routes.DocumentedCommands.Block;

/** The commands of the documentation that change nothing: what reads, and what asks Jolokia. What its writer had may be missing here. */
@OnPlatform
class DocumentedCommandsIT {

    @Autowired
    private Environment environment;

    static Stream<String> commands() throws Exception {
        List<String> commands = new ArrayList<>();
        for (Path page : DocumentationTest.pages()) {
            DocumentedCommands.in(page).forEach(block -> commands.addAll(block.commands()));
        }
        return commands.stream().distinct().filter(command -> !Block.changes(command));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aCommandOfTheDocumentationWorksAsItStands(String command) throws Exception {
        Answer answer = new DocumentedCommands(environment).run(command);

        assertThat(answer.status()).as(command + "\n" + answer).isIn("200", mayBe(command));
        if (command.contains("/jolokia")) {
            assertThat(answer.body()).contains("\"status\":200");
        }
    }

    @Test
    void thereAreSome() throws Exception {
        assertThat(commands()).hasSizeGreaterThan(20).anyMatch(command -> command.contains("/jolokia"));
    }

    /** What names one thing was there when its writer tried it; a group may be in trouble now. */
    private static String mayBe(String command) {
        return command.matches("(?s).*/(replays|fanouts|outbox|events|campaigns|positions)/[0-9a-f-]+\\b.*")
                ? "404"
                : command.contains("/health/") ? "503" : "200";
    }
}

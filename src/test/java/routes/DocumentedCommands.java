package routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.env.Environment;
import routes.dev.Platform;

/** The curl commands of the documentation as they stand there, but for ports, password and key. */
final class DocumentedCommands {

    private static final String STATUS = "\ncurl says ";
    private static final Pattern FENCED = Pattern.compile("(?ms)^( *)```[a-z]*\\n(.*?)^\\1```\\n");
    private static final Pattern KEY = Pattern.compile("\"([a-z_]+)\":");

    private final Environment environment;

    DocumentedCommands(Environment environment) {
        this.environment = environment;
    }

    /** Commands that stand together, and what is printed below them, if anything is. */
    record Block(Path page, List<String> commands, String printed) {

        /** Whether a command posts something; Jolokia is asked by POST. */
        boolean changes() {
            return commands.stream().anyMatch(Block::changes);
        }

        static boolean changes(String command) {
            return command.matches("(?s).* (-d|--data(-binary)?) .*") && !command.contains("/jolokia");
        }

        /** The names of the fields that are printed, without those of counts, which depend on what there is. */
        List<String> fields() {
            return keys(printed.replaceAll("\"(plan|result|results|counts)\":\\{([^{}]|\\{[^{}]*})*}", "\"$1\":"));
        }

        @Override
        public String toString() {
            return page.getFileName() + ": " + String.join(" ", commands).replaceAll("\\s+", " ");
        }
    }

    /** What was answered. */
    record Answer(String status, String body) {
        List<String> fields() {
            return keys(body);
        }
    }

    static List<Block> in(Path page) throws Exception {
        List<Block> blocks = new ArrayList<>();
        String text = Files.readString(page);
        Matcher fenced = FENCED.matcher(text);
        while (fenced.find()) {
            List<String> commands = commands(fenced.group(2).replaceAll("(?m)^" + fenced.group(1), ""));
            Matcher below = FENCED.matcher(text).region(fenced.end(), text.length());
            boolean printed = below.lookingAt() && commands(below.group(2)).isEmpty();
            if (!commands.isEmpty()) {
                blocks.add(new Block(page, commands, printed ? below.group(2) : ""));
            }
        }
        return blocks;
    }

    /** Each from {@code curl} or {@code jq} to the end of its line, of what it quotes and of what it goes on with; a pipe is left out. */
    private static List<String> commands(String text) {
        List<String> commands = new ArrayList<>();
        StringBuilder command = new StringBuilder();
        for (String line : text.lines().toList()) {
            if (command.isEmpty() && !line.matches("(curl|jq) .*")) {
                continue;
            }
            command.append(line).append('\n');
            boolean quotes = command.chars().filter(c -> c == '\'').count() % 2 == 1;
            if (!quotes && !line.endsWith("\\") && !line.endsWith("|")) {
                boolean piped = command.indexOf("curl") == 0;
                commands.add(command.toString()
                        .replaceFirst(piped ? "(?s) \\| .*" : "$^", "")
                        .strip());
                command.setLength(0);
            }
        }
        return commands;
    }

    private static List<String> keys(String json) {
        return KEY.matcher(json).results().map(key -> key.group(1)).distinct().toList();
    }

    /** Runs a command against the service of this test. */
    Answer run(String command) throws Exception {
        String own = command.replace("localhost:9876", "localhost:" + environment.getProperty("local.management.port"))
                .replace("localhost:8080", "localhost:" + environment.getProperty("local.server.port"))
                .replace("dev-password", Objects.requireNonNull(environment.getProperty("management.login.password")))
                .replaceAll("dev-key|only-for-trying-out", Platform.API_KEY)
                .replaceFirst(
                        "(?m)^ *curl ",
                        "curl --silent --show-error --max-time 20 --write-out \"\\$STATUS%{http_code}\" ");
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", own).redirectErrorStream(true);
        shell.environment().putAll(Map.of("STATUS", STATUS, "no_proxy", "*"));
        Process process = shell.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(own + "\n" + said).isZero();
        int end = said.lastIndexOf(STATUS);
        return new Answer(said.substring(end + STATUS.length()), said.substring(0, end));
    }
}

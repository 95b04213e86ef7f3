package routes.dev;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a server has written about itself. */
final class LogFile {
    private static final int LINES = 40;

    private LogFile() {}

    /** Returns the last lines of a log, for the message of an error. */
    static String tail(Path log) {
        try {
            List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
        } catch (IOException e) {
            return "(it cannot be read: " + e + ")";
        }
    }
}

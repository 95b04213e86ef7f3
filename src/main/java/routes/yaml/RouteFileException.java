package routes.yaml;

import java.io.Serial;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** A file of routes has a mistake, and the service cannot start. */
public final class RouteFileException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    /**
     * Says where and what.
     *
     * @param line from 1; 0 where it is not known
     * @param reason what is wrong, to be read after the place
     */
    RouteFileException(Path file, int line, String reason, @Nullable Throwable cause) {
        super("%s%s: %s".formatted(file, line > 0 ? ", line " + line : "", reason), cause);
    }

    /** What Camel or the parser of YAML says, with the line where one of them has it. */
    static RouteFileException of(Path file, Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MarkedYamlEngineException marked) {
                int line = marked.getProblemMark().map(Mark::getLine).orElse(-1) + 1; // counted from 0
                return new RouteFileException(file, line, marked.getProblem(), failure);
            }
        }
        return new RouteFileException(file, 0, reason(failure), failure);
    }

    /** What the first cause says. */
    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}

package routes.yaml;

import java.nio.file.Path;
import org.apache.camel.util.ObjectHelper;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.springframework.core.NestedExceptionUtils;

/** A file of routes has a mistake, and the service cannot start. */
public final class RouteFileException extends RuntimeException {

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
        MarkedYamlEngineException marked = ObjectHelper.getException(MarkedYamlEngineException.class, failure);
        if (marked == null) {
            return new RouteFileException(file, 0, reason(failure), failure);
        }
        int line = marked.getProblemMark().map(Mark::getLine).orElse(-1) + 1; // counted from 0
        return new RouteFileException(file, line, marked.getProblem(), failure);
    }

    /** What the first cause says. */
    static String reason(Throwable failure) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}

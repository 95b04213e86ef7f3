package routes.yaml;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.util.ObjectHelper;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ParserException;
import org.snakeyaml.engine.v2.exceptions.ScannerException;
import org.springframework.core.NestedExceptionUtils;

/** Route files have mistakes, and the service cannot start. */
public final class RouteFileException extends RuntimeException {

    /**
     * An exception with file, line and reason.
     *
     * @param line from 1; 0 if unknown
     * @param reason what is wrong, phrased to follow the place
     */
    RouteFileException(Path file, int line, String reason, @Nullable Throwable cause) {
        super("%s%s: %s".formatted(file, line > 0 ? ", line " + line : "", reason), cause);
    }

    /** All mistakes, one a line. */
    RouteFileException(List<RouteFileException> mistakes) {
        super(mistakes.stream().map(Throwable::getMessage).collect(Collectors.joining(System.lineSeparator())));
        mistakes.forEach(this::addSuppressed);
    }

    /** The message of Camel or the YAML parser, with the line if one of them has it. */
    static RouteFileException of(Path file, Exception failure) {
        MarkedYamlEngineException marked = ObjectHelper.getException(MarkedYamlEngineException.class, failure);
        if (marked == null) {
            return new RouteFileException(file, 0, Words.ofCamel(reason(failure)), failure);
        }
        int line = marked.getProblemMark().map(Mark::getLine).orElse(-1) + 1; // counted from 0
        String reason = marked.getCause() != null
                ? Words.ofCamel(reason(marked))
                : marked instanceof ScannerException || marked instanceof ParserException
                        ? Words.ofParser(marked.getProblem())
                        : Words.ofCamel(marked.getProblem());
        return new RouteFileException(file, line, reason, failure);
    }

    /** The message of the root cause, in one line. */
    static String reason(Throwable failure) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
        return cause.getMessage() == null
                ? cause.getClass().getSimpleName()
                : cause.getMessage().strip().replaceAll("\\s*\\R\\s*", " ");
    }
}

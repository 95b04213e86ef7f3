package routes.yaml;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says which route file keeps the service from starting, in which line, and why. */
class RouteFileFailureAnalyzer extends AbstractFailureAnalyzer<RouteFileException> {

    @Override
    protected FailureAnalysis analyze(Throwable failure, RouteFileException mistake) {
        return new FailureAnalysis(
                mistake.getMessage(),
                "docs/guides/add-a-consumer.md and docs/guides/change-a-consumer.md say how to write such a file.",
                failure);
    }
}

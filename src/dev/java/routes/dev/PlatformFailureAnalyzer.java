package routes.dev;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows why the platform did not start as a sentence instead of a stack trace. Registered in META-INF/spring.factories. */
final class PlatformFailureAnalyzer extends AbstractFailureAnalyzer<PlatformException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, PlatformException cause) {
        return new FailureAnalysis(cause.getMessage(), null, rootFailure);
    }
}

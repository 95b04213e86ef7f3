package routes.dev;

import org.flywaydb.core.api.exception.FlywayValidateException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what to do when the platform's database was made by another version of the sources. Registered in META-INF/spring.factories. */
final class DataVersionFailureAnalyzer extends AbstractFailureAnalyzer<FlywayValidateException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, FlywayValidateException cause) {
        return new FailureAnalysis(
                "The platform's database was made by another version of this service: " + cause.getMessage(),
                PlatformException.RESET,
                rootFailure);
    }
}

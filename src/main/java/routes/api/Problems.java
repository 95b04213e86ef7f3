package routes.api;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** Error responses: problem+json (RFC 9457). */
public final class Problems {

    private Problems() {}

    /**
     * An error response, to be thrown.
     *
     * @param title what kind of problem it is
     * @param detail what is wrong here, and what to write instead
     */
    public static ErrorResponseException of(HttpStatus status, String title, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setTitle(title);
        return new ErrorResponseException(status, problem, null);
    }
}

package routes.api;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** Error responses: problem+json (RFC 9457). */
public final class Problems {

    private Problems() {}

    /**
     * 503, to be thrown before anything is done: the same request may go well in a second.
     *
     * @param why what there is too much of
     */
    public static ErrorResponseException busy(String why) {
        ErrorResponseException busy =
                of(HttpStatus.SERVICE_UNAVAILABLE, "Too much at a time", why + " Retry in a second: nothing was done.");
        busy.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
        return busy;
    }

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

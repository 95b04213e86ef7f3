package routes.api;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponseException;

/**
 * The bodies of requests. Each is bounded in size and time, and all together in size, so that they fit the heap.
 * A body is read last, after every check that can refuse the request without it.
 */
@Component
public class Bodies {

    private static final int MAX_BYTES = 4 * 1024 * 1024;
    private static final int STEP = 64 * 1024;

    /** For a whole body. The server's own limit is per read, which a byte now and then evades. */
    private static final Duration MAX_TIME = Duration.ofSeconds(30);

    private final Semaphore room;

    @Autowired
    Bodies(PublishingSettings settings) {
        this(settings.maxBytesInFlight());
    }

    /** Bodies that take up at most this many bytes at a time. */
    public Bodies(int maxBytesInFlight) {
        this.room = new Semaphore(maxBytesInFlight);
    }

    /** A body, which takes up room until it is closed. */
    public final class Body implements AutoCloseable {

        private final ByteArrayOutputStream read = new ByteArrayOutputStream(STEP);
        private int reserved;

        /** What was sent. */
        public byte[] bytes() {
            return read.toByteArray();
        }

        private void reserve() {
            if (!room.tryAcquire(STEP)) {
                throw Problems.busy("The bodies of other requests fill the memory that bodies may use.");
            }
            reserved += STEP;
        }

        @Override
        public void close() {
            room.release(reserved);
            reserved = 0;
        }
    }

    /**
     * Reads the body of an authorized request with events.
     *
     * @throws ErrorResponseException also 415, unless it is plain JSON
     */
    Body read(HttpServletRequest request) {
        requirePlainJson(request);
        return read(request, MAX_BYTES);
    }

    /**
     * Reads a body of any type.
     *
     * @throws ErrorResponseException 408, 413, or 503 if other requests' bodies leave no room
     */
    public Body read(HttpServletRequest request, int maxBytes) {
        if (request.getContentLengthLong() > maxBytes) {
            throw tooLarge(maxBytes);
        }
        Body body = new Body();
        try {
            fill(body, request.getInputStream(), maxBytes);
            return body;
        } catch (IOException e) {
            body.close();
            throw Problems.of(HttpStatus.BAD_REQUEST, "Invalid request", "The body could not be read.");
        } catch (RuntimeException | Error e) {
            body.close();
            throw e;
        }
    }

    private static void fill(Body body, InputStream in, int maxBytes) throws IOException {
        long start = System.nanoTime();
        byte[] step = new byte[STEP];
        body.reserve();
        for (int read = in.read(step); read >= 0; read = in.read(step)) {
            if (body.read.size() + read > maxBytes) {
                throw tooLarge(maxBytes);
            }
            if (System.nanoTime() - start > MAX_TIME.toNanos()) {
                throw Problems.of(
                        HttpStatus.REQUEST_TIMEOUT,
                        "Too slow",
                        "The body took longer than %d seconds.".formatted(MAX_TIME.toSeconds()));
            }
            if (body.read.size() + read > body.reserved) {
                body.reserve();
            }
            body.read.write(step, 0, read);
        }
    }

    private static ErrorResponseException tooLarge(int maxBytes) {
        return Problems.of(
                HttpStatus.CONTENT_TOO_LARGE, "Too large", "A body may have at most %d bytes.".formatted(maxBytes));
    }

    /** A body without a media type is treated as JSON; forms and compressed bodies are refused (RFC 9110, sections 8.3 and 12.5.3). */
    private static void requirePlainJson(HttpServletRequest request) {
        String coding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (coding != null && !coding.isBlank() && !coding.strip().equalsIgnoreCase("identity")) {
            throw unsupported(
                    HttpHeaders.ACCEPT_ENCODING, "identity", "Send the body as it is, without a Content-Encoding.");
        }
        if (!isJson(request.getContentType())) {
            throw unsupported(
                    HttpHeaders.ACCEPT,
                    MediaType.APPLICATION_JSON_VALUE,
                    "Send JSON, with Content-Type: application/json.");
        }
    }

    private static boolean isJson(@Nullable String contentType) {
        if (contentType == null) {
            return true;
        }
        try {
            MediaType type = MediaType.parseMediaType(contentType);
            return type.isCompatibleWith(MediaType.APPLICATION_JSON)
                    || (type.getType().equals("application")
                            && type.getSubtype().endsWith("+json"));
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }

    private static ErrorResponseException unsupported(String header, String value, String detail) {
        ErrorResponseException unsupported =
                Problems.of(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "Unsupported media type", detail);
        unsupported.getHeaders().set(header, value);
        return unsupported;
    }
}

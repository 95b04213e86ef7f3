package bench;

import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the processors have done for the service under measurement. */
final class Processors {

    private Processors() {}

    /**
     * Microseconds of this process, the broker, which it has started, and the database, which it has not. What processes did that have ended
     * meanwhile is missing, such as those that vacuum.
     */
    static double micros(JdbcClient jdbc) {
        ProcessHandle own = ProcessHandle.current();
        ProcessHandle database = jdbc.sql("SELECT pg_backend_pid()")
                .query(Long.class)
                .optional()
                .flatMap(ProcessHandle::of)
                .flatMap(ProcessHandle::parent)
                .orElseThrow();
        return Stream.of(Stream.of(own, database), own.descendants(), database.descendants())
                .flatMap(each -> each)
                .distinct()
                .flatMap(process -> process.info().totalCpuDuration().stream())
                .mapToDouble(time -> time.toNanos() / 1e3)
                .sum();
    }
}

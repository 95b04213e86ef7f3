package faults;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What may happen to the clock of the machine. Takes libfaketime, which lies to one process; in the long form alone. */
@ExtendWith(Stage.Provider.class)
class ClockFaultsIT {

    private static final List<String> JUMPS = List.of("+3600", "+0", "-3600", "+0");
    private static final Duration EACH = Duration.ofSeconds(30);

    private final Stage stage;

    ClockFaultsIT(Stage stage) {
        this.stage = stage;
    }

    @Test
    void f10AClockThatJumpsAnHourMakesNoRetryStorm() throws Exception {
        assumeThat(Stage.isLong()).as("in the long form").isTrue();
        try (Fault fault = stage.fault("F10", "the service's clock jumps +-1 h", "no retry storm")) {
            Optional<Path> library = library();
            if (library.isEmpty()) {
                fault.figure("skipped", "libfaketime is not installed (apt install faketime)")
                        .end(0);
                assumeThat(library).as("libfaketime").isPresent();
            }
            stage.endShared();
            Path clock = Stage.file("clock").toAbsolutePath();
            set(clock, "+0");
            Service service = stage.start(stage.instance("faketime")
                            .withVariable("LD_PRELOAD", library.orElseThrow().toString())
                            .withVariable("FAKETIME_TIMESTAMP_FILE", clock.toString())
                            .withVariable("FAKETIME_CACHE_DURATION", "1")
                            .withVariable("FAKETIME_DONT_FAKE_MONOTONIC", "1"))
                    .awaitReady();
            Generator load = fault.load(fault.usualLoad()).start();

            for (String jump : JUMPS) {
                Flow.pause(EACH);
                set(clock, jump);
                fault.longest("flowing after a jump, s", Flow.untilAllFlows(stage));
            }
            Flow.pause(EACH);
            load.stop();
            fault.verifier().awaitDrained(Duration.ofMinutes(2));

            long again = attemptsAgain(load);
            fault.figure("jumps", JUMPS.size())
                    .figure("attempts after the first", again)
                    .require(again == 0, "%d attempts were made again".formatted(again))
                    .require(service.isAlive(), "the service has ended")
                    .end(0);
        }
    }

    private long attemptsAgain(Generator load) {
        return JdbcClient.create(stage.platform().database().dataSource())
                .sql(
                        "SELECT coalesce(sum(attempts - 1), 0) FROM event_routes.delivery WHERE campaign_id IN (:campaigns)")
                .param(
                        "campaigns",
                        load.people().campaigns().stream()
                                .map(campaign -> campaign.id().toString())
                                .toList())
                .query(Long.class)
                .single();
    }

    /** In one step, or the service could read half of it. */
    private static void set(Path clock, String offset) {
        try {
            Path next = clock.resolveSibling("clock.next");
            Files.writeString(next, offset + "\n");
            Files.move(next, clock, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> library() throws IOException {
        Path libraries = Path.of("/usr/lib");
        if (!Files.isDirectory(libraries)) {
            return Optional.empty();
        }
        try (Stream<Path> files =
                Files.find(libraries, 3, (file, attributes) -> file.endsWith("faketime/libfaketimeMT.so.1"))) {
            return files.findFirst();
        }
    }
}

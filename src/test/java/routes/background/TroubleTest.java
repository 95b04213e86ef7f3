package routes.background;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.dao.QueryTimeoutException;

class TroubleTest {

    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(Trouble.class);

    private final Trouble trouble = new Trouble("some-workers");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        LOGGER.addAppender(log);
    }

    @AfterEach
    void detach() {
        LOGGER.detachAppender(log);
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static Exception refused() {
        return new QueryTimeoutException("refused");
    }

    @Test
    void oneLineSaysThatItBeganAndOneThatItIsOverHoweverOftenItWasTried() {
        for (int i = 0; i < 1_000; i++) {
            trouble.failed(refused());
            trouble.failed(new QueryTimeoutException("refused in other words"));
        }
        assertThat(lines()).singleElement().asString().contains("some-workers", "refused");
        assertThat(trouble.reason())
                .hasValueSatisfying(reason -> assertThat(reason).contains("in other words"));

        trouble.worked();
        trouble.worked();

        assertThat(lines()).hasSize(2).last().asString().contains("some-workers has recovered");
        assertThat(trouble.reason()).isEmpty();
    }

    @Test
    void pausesGrowUpToFiveSecondsAndAreShortAgainAfterItWasOver() {
        List<Duration> pauses =
                Stream.generate(() -> trouble.failed(refused())).limit(6).toList();

        assertThat(pauses)
                .containsExactly(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5));

        trouble.worked();
        assertThat(trouble.failed(refused())).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void twoThatTakeTurnsAreNotNewEachTime() {
        for (int i = 0; i < 100; i++) {
            trouble.failed(refused());
            trouble.failed(new IllegalStateException("another"));
        }

        assertThat(lines()).hasSize(1);
    }

    @Test
    void theCauseAtTheBottomIsNamed() {
        trouble.failed(
                new QueryTimeoutException("the client cannot be made", new IllegalStateException("no such file")));

        assertThat(trouble.reason().orElseThrow()).contains("the client cannot be made", "no such file");
    }

    @Test
    void anErrorOfTheProgramIsToldOfWithTheLineWhereItHappened() {
        trouble.failed(new NoClassDefFoundError("some/Class"));

        assertThat(log.list)
                .anySatisfy(line -> assertThat(line.getThrowableProxy()).isNotNull());
        assertThat(trouble.reason()).contains("NoClassDefFoundError: some/Class");
    }
}

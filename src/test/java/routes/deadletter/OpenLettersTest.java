package routes.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.event.EventType;

@ExtendWith(OutputCaptureExtension.class)
class OpenLettersTest {

    private final ConsumerGroups groups = mock();
    private final DeadLetterTopic topic = mock();
    private final OpenLetters letters = new OpenLetters(groups, topic, mock(), mock(), new SimpleMeterRegistry());

    @Test
    void whatCannotBeCountedFromTheBeginningIsLoggedOnce(CapturedOutput log) {
        given(groups.all()).willReturn(List.of(ConsumerGroup.of("email-workers", 10, EventType.USER_SIGNED_UP)));
        given(topic.shelves(any())).willThrow(new DeadLettersUnavailableException("no brokers", new Exception()));

        letters.refresh();
        letters.refresh();

        assertThat(letters.of("email-workers")).isEmpty();
        assertThat(log.getOut()).containsOnlyOnce("The open dead letters of email-workers cannot be counted: ");
    }
}

package routes.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class PortsTest {
    private final Ports ports = new Ports();

    @Test
    void aFreePortIsTakenAsWished() {
        int free = new Ports().any();

        assertThat(ports.near(free, "Kafka", "-Dplatform.kafka.port")).isEqualTo(free);
    }

    @Test
    void aTakenPortIsReplacedAndTheWarningSaysHowToChoose(CapturedOutput output) throws IOException {
        try (ServerSocket other = new ServerSocket(new Ports().any(), 1, InetAddress.getLoopbackAddress())) {
            int instead = ports.near(other.getLocalPort(), "Kafka", "-Dplatform.kafka.port");

            assertThat(instead).isGreaterThan(other.getLocalPort()).isLessThan(32_768);
            assertThat(output)
                    .contains("Port " + other.getLocalPort() + " is taken by another program: Kafka listens on "
                            + instead + " instead. To choose one: -Dplatform.kafka.port=...");
        }
    }

    @Test
    void noPortIsGivenTwice() {
        int first = ports.any();

        assertThat(ports.near(first, "SMTP", "-Dplatform.smtp.port")).isNotEqualTo(first);
    }
}

package routes.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

    @ParameterizedTest
    @ValueSource(strings = {"abc", "0", "65536", "-1", "", "123456789012"})
    void aPortThatIsNoneIsRefusedByItsName(String value) {
        String property = "platform.test." + value + ".port"; // nobody else's
        System.setProperty(property, value);

        assertThatThrownBy(() -> Platform.wished(property, 1025))
                .isInstanceOf(PlatformException.class)
                .hasMessage(
                        "-D%s is \"%s\", and has to be a port, a number from 1 to 65535".formatted(property, value));
    }

    @Test
    void aSwitchIsTrueOrFalse() {
        System.setProperty("platform.test.switch", "yes");

        assertThatThrownBy(() -> Platform.isTrue("platform.test.switch"))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining("-Dplatform.test.switch is \"yes\", and has to be true or false");
        assertThat(Platform.isTrue("platform.test.unset")).isFalse();
    }

    /** Without one, two processes that start servers at the same time may find the same port free. */
    @Test
    @EnabledIfSystemProperty(named = "surefire.test.class.path", matches = ".+", disabledReason = "not a build")
    void eachProcessOfABuildHasALane() {
        assertThat(System.getProperty("platform.lane")).matches("[1-9]");
    }
}

package routes.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.net.UnknownHostException;

/** The settings of networks and ports. */
class NetworkFuzzTest {

    @FuzzTest
    void isWhatItSaysOrNothing(byte[] input) {
        String text = new String(input, UTF_8);
        try {
            Network network = Network.valueOf(text);
            assertThat(network.contains(network.address())).isTrue();
            assertThat(Network.valueOf(network.toString())).isEqualTo(network);
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("write networks as CIDRs");
            if (!text.contains(":")) {
                assertThat(e.getCause() instanceof UnknownHostException)
                        .as("a name is looked up")
                        .isFalse();
            }
        }
        try {
            PortRange ports = PortRange.valueOf(text);
            assertThat(ports.contains(ports.first()) && ports.contains(ports.last()))
                    .isTrue();
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("write ports");
        }
    }
}

package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.delivery.DeliveryException;

/** No hostile URL makes a connection. Nothing can leave, even if the guard fails: sockets of this test connect to nothing. */
class WebhookGuardTest {

    private final List<SocketAddress> connected = new CopyOnWriteArrayList<>();
    private final HostileUrls urls = new HostileUrls();

    static Stream<String> hostile() {
        return HostileUrls.ALL.stream();
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void refusesAHostileUrlBeforeAnySocketIsAskedToConnect(String url) {
        Throwable refusal = catchThrowable(() -> urls.call(url, new Recording()));

        assertThat(refusal).isInstanceOf(DeliveryException.Permanent.class).hasMessageStartingWith("the webhook's ");
        assertThat(connected).isEmpty();
    }

    @Test
    void aUrlThatMayBeCalledIsAndAtTheAddressThatWasChecked() {
        assertThatThrownBy(() -> urls.call(HostileUrls.FRIENDLY, new Recording()))
                .isInstanceOf(IOException.class);

        assertThat(connected).containsExactly(new InetSocketAddress("93.184.216.34", 443));
    }

    @Test
    void aProxyOfTheJvmIsNotUsed() {
        ProxySelector before = ProxySelector.getDefault();
        System.setProperty("https.proxyHost", "127.0.0.1");
        System.setProperty("https.proxyPort", "9");
        ProxySelector.setDefault(ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9)));
        try {
            assertThatThrownBy(() -> urls.call(HostileUrls.FRIENDLY, new Recording()))
                    .isInstanceOf(IOException.class);
        } finally {
            ProxySelector.setDefault(before);
            System.clearProperty("https.proxyHost");
            System.clearProperty("https.proxyPort");
        }

        assertThat(connected).containsExactly(new InetSocketAddress("93.184.216.34", 443));
    }

    @Test
    void aNameThatChangesItsMindBetweenTwoLooksGainsNothing() {
        String url = "https://rebind.example/";

        assertThatThrownBy(() -> urls.call(url, new Recording())).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> urls.call(url, new Recording())).isInstanceOf(DeliveryException.Permanent.class);

        assertThat(connected).containsExactly(new InetSocketAddress("93.184.216.34", 443));
    }

    /** Every address of that network leads to the program itself: a guard that fails shows, and harms nobody. */
    @Test
    void inANetworkOfItsOwnNoHostileUrlReachesTheCanary() throws Exception {
        assumeTrue(run("true").exit() == 0, "needs Linux, where anybody may make a network namespace (unshare -rn)");
        String java = ProcessHandle.current().info().command().orElse("java");

        Run probe = run("ip link set lo up && ip route add local 0.0.0.0/0 dev lo && ip -6 route add local ::/0 dev lo"
                + " && exec '%s' -XX:TieredStopAtLevel=1 -cp \"$PROBE_CLASSES\" %s"
                        .formatted(java, HostileUrlsProbe.class.getName()));

        assertThat(probe.output()).contains("hostile=0 friendly=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "443-80", "x", "", "80-", "-80", "443,8443"})
    void refusesWhatIsNoPort(String port) {
        assertThatThrownBy(() -> PortRange.valueOf(port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("write ports");
    }

    private record Run(int exit, String output) {}

    private static Run run(String command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("unshare", "-rn", "sh", "-c", command).redirectErrorStream(true);
        builder.environment().put("PROBE_CLASSES", System.getProperty("java.class.path"));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return new Run(-1, String.valueOf(e.getMessage()));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(120, TimeUnit.SECONDS) ? process.exitValue() : -1, output);
    }

    /** The connections of webhooks, with sockets that say where they were to connect to, and do not. */
    private final class Recording extends PoolingHttpClientConnectionManagerBuilder {

        @Override
        protected HttpClientConnectionOperator createConnectionOperator(
                SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
            return new DefaultHttpClientConnectionOperator(
                    proxy -> new Socket() {
                        @Override
                        public void connect(SocketAddress address, int timeout) throws IOException {
                            connected.add(address);
                            throw new ConnectException("stopped before the socket");
                        }
                    },
                    ports,
                    names,
                    RegistryBuilder.<TlsSocketStrategy>create()
                            .register("https", tls)
                            .build());
        }
    }
}

package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.delivery.DeliveryException;

/** Resolves from a table of its own, and opens no socket. */
class AddressGuardTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.1.2.3", "169.254.169.254", "172.16.0.1",
                "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7",
                "203.0.113.9", "224.0.0.1", "239.255.255.250", "255.255.255.255", "::", "::1", "::127.0.0.1",
                "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "fc00::1", "fd12:3456::1", "fe80::1",
                "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:a00:1::1", "3fff::1"
            })
    void refusesAnAddressThatIsNotPublic(String address) throws Exception {
        AddressGuard guard = guard(List.of(), literal(address));

        assertThatThrownBy(() -> guard.resolve("receiver.example"))
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessageContaining("not public");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.3.1", "2606:4700::1", "2a00:1450::1"})
    void letsPublicAddressesThrough(String address) throws Exception {
        AddressGuard guard = guard(List.of(), literal(address));

        assertThat(guard.resolve("receiver.example")).containsExactly(literal(address));
    }

    @Test
    void refusesANameOfWhichOneAddressOfSeveralIsNotPublic() throws Exception {
        AddressGuard guard = guard(List.of(), literal("8.8.8.8"), literal("10.0.0.1"));

        assertThatThrownBy(() -> guard.resolve("receiver.example")).isInstanceOf(DeliveryException.Permanent.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.0.23", "169.254.42.42", "168.63.129.16",
                "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42",
                "fe80::a9fe:a9fe", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "64:ff9b::168.63.129.16"
            })
    void refusesACloudsMetadataWhereASettingAllowsEverything(String address) throws Exception {
        List<Network> everything = List.of(Network.valueOf("0.0.0.0/0"), Network.valueOf("::/0"));

        assertThatThrownBy(() -> guard(everything, literal(address)).resolve("receiver.example"))
                .isInstanceOf(DeliveryException.Permanent.class);
    }

    @Test
    void letsThroughWhatASettingAllowsAndNoMore() throws Exception {
        List<Network> allowed = List.of(Network.valueOf("10.1.0.0/16"), Network.valueOf("fd00:1::/32"));

        assertThat(guard(allowed, literal("10.1.2.3")).resolve("receiver.example"))
                .hasSize(1);
        assertThat(guard(allowed, literal("fd00:1::5")).resolve("receiver.example"))
                .hasSize(1);
        assertThatThrownBy(() -> guard(allowed, literal("10.2.0.1")).resolve("receiver.example"))
                .isInstanceOf(DeliveryException.Permanent.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "localhost/8", "fd00::/129", "/8", ""})
    void refusesWhatIsNoCidr(String cidr) {
        assertThatThrownBy(() -> Network.valueOf(cidr))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("write networks as CIDRs");
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/8, 10.255.0.1, true", "10.0.0.0/9, 10.128.0.1, false", "0.0.0.0/0, 1.2.3.4, true"})
    void knowsTheAddressesOfANetwork(String cidr, String address, boolean contained) throws Exception {
        assertThat(Network.valueOf(cidr).contains(literal(address))).isEqualTo(contained);
    }

    private static AddressGuard guard(List<Network> allowed, InetAddress... addresses) {
        WebhookSettings settings = WebhookFixtures.settings(Map.of(
                "allowed-networks", allowed.stream().map(Network::toString).collect(Collectors.joining(","))));
        return new AddressGuard(settings, new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) {
                return addresses;
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        });
    }

    private static InetAddress literal(String address) throws UnknownHostException {
        return InetAddress.getByName(address);
    }
}

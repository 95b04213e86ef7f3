package routes.webhook;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import routes.delivery.DeliveryException;

/**
 * Resolves the hosts of webhooks, and refuses non-public ones: a webhook must not reach what only this machine can reach. The HTTP client
 * connects to the addresses that were checked here, so a name that changes between check and connection gains nothing.
 */
@Component
class AddressGuard implements DnsResolver {

    /** IANA IPv4 special-purpose address registry, and multicast. */
    private static final List<Network> NOT_PUBLIC_V4 = networks(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4");

    /** The allocated part of IPv6: everything else is loopback, mapped, translated, private, link-local or multicast. */
    private static final Network GLOBAL_V6 = Network.valueOf("2000::/3");

    /** IANA IPv6 special-purpose address registry inside {@link #GLOBAL_V6}: Teredo and others, documentation, 6to4. */
    private static final List<Network> NOT_PUBLIC_V6 = networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /**
     * Addresses that serve a machine's credentials, or belong to its cloud's internals: refused even if a setting allows their network.
     * Link-local addresses (RFC 3927, RFC 4291 section 2.5.6) hold the metadata of AWS, Azure, Google, Oracle, OpenStack, DigitalOcean and
     * Tencent, and the credentials of ECS tasks and EKS pods. In addition, as documented by their vendors: fd00:ec2::/32, AWS in IPv6;
     * fd20:ce::254, Google in IPv6; fd00:42::42, Scaleway in IPv6; 168.63.129.16, Azure's WireServer; 100.100.100.200, Alibaba Cloud;
     * 192.0.0.192, Oracle Cloud. The last three are the IPv4 addresses behind a NAT64 (RFC 6052).
     */
    private static final List<Network> METADATA = networks(
            "169.254.0.0/16",
            "fe80::/10",
            "fd00:ec2::/32",
            "fd20:ce::254/128",
            "fd00:42::42/128",
            "168.63.129.16/32",
            "100.100.100.200/32",
            "192.0.0.192/32",
            "64:ff9b::169.254.0.0/112",
            "64:ff9b::168.63.129.16/128",
            "64:ff9b::100.100.100.200/128");

    private final DnsResolver names;
    private final List<Network> allowed;

    @Autowired
    AddressGuard(WebhookSettings settings) {
        this(settings, SystemDefaultDnsResolver.INSTANCE);
    }

    AddressGuard(WebhookSettings settings, DnsResolver names) {
        this.names = names;
        this.allowed = settings.allowedNetworks();
    }

    /**
     * The addresses of a host.
     *
     * @throws DeliveryException.Permanent when any of them is neither public nor in a network that a setting allows, or
     *     serves a cloud's metadata
     */
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] addresses = names.resolve(host);
        for (InetAddress address : addresses) {
            if (!isAllowed(address)) {
                throw new DeliveryException.Permanent(
                                "the webhook's host %s has the address %s, which is not public (see WEBHOOK_ALLOWED_NETWORKS)"
                                        .formatted(host, address.getHostAddress()))
                        .toOthers("the webhook's host is not public");
            }
        }
        return addresses;
    }

    @Override
    public String resolveCanonicalHostname(String host) throws UnknownHostException {
        return names.resolveCanonicalHostname(host);
    }

    boolean isAllowed(InetAddress address) {
        return !isIn(METADATA, address) && (isPublic(address) || isIn(allowed, address));
    }

    private static boolean isPublic(InetAddress address) {
        return address.getAddress().length == 4
                ? !isIn(NOT_PUBLIC_V4, address)
                : GLOBAL_V6.contains(address) && !isIn(NOT_PUBLIC_V6, address);
    }

    private static boolean isIn(List<Network> networks, InetAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }

    private static List<Network> networks(String... cidrs) {
        return Stream.of(cidrs).map(Network::valueOf).toList();
    }
}

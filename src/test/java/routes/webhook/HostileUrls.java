package routes.webhook;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;

/** What somebody would register as a webhook to reach what is not theirs, and the client of webhooks, which is to refuse all of it. */
final class HostileUrls implements DnsResolver {

    /** A URL that may be called: the proof that what counts connections does count. */
    static final String FRIENDLY = "https://receiver.example/rewards";

    static final List<String> ALL = List.of(
            // Schemes, and URLs that are none.
            "http://receiver.example/",
            "ftp://receiver.example/",
            "file:///etc/passwd",
            "gopher://receiver.example:443/_x",
            "jar:https://receiver.example/!/",
            "//receiver.example/",
            "receiver.example",
            "https:///",
            "https://",
            "",
            // Users.
            "https://user@receiver.example/",
            "https://user:pass@receiver.example/",
            "https://receiver.example@127.0.0.1/",
            "https://receiver.example:443@127.0.0.1/",
            "https://127.0.0.1#@receiver.example/",
            // Fragments.
            "https://receiver.example/rewards#section",
            "https://receiver.example/#",
            // Ports.
            "https://receiver.example:22/",
            "https://receiver.example:80/",
            "https://receiver.example:9092/",
            "https://receiver.example:65536/",
            "https://receiver.example:0/",
            // IPv4: loopback, private, link-local, CGNAT, documentation, multicast, reserved.
            "https://127.0.0.1/",
            "https://127.255.255.254/",
            "https://0.0.0.0/",
            "https://10.0.0.1/",
            "https://172.16.0.1/",
            "https://172.31.255.255/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://100.64.0.1/",
            "https://192.0.0.8/",
            "https://192.0.2.1/",
            "https://192.88.99.1/",
            "https://198.18.0.1/",
            "https://198.51.100.1/",
            "https://203.0.113.1/",
            "https://224.0.0.1/",
            "https://240.0.0.1/",
            "https://255.255.255.255/",
            // The same, spelled oddly: decimal, octal, hexadecimal, short, with zeros or a dot too many.
            "https://2130706433/",
            "https://017700000001/",
            "https://0x7f000001/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://127.0.1/",
            "https://127.000.000.001/",
            "https://0/",
            "https://127.0.0.1./",
            "https://%31%32%37.0.0.1/",
            "https://１２７.0.0.1/",
            "https://127。0。0。1/",
            // IPv6: loopback, unspecified, link-local, site-local, unique local, multicast, documentation.
            "https://[::1]/",
            "https://[0:0:0:0:0:0:0:1]/",
            "https://[::]/",
            "https://[fe80::1]/",
            "https://[fe80::1%25lo]/",
            "https://[fec0::1]/",
            "https://[fd00:ec2::254]/",
            "https://[ff02::1]/",
            "https://[2001:db8::1]/",
            "https://[3fff::1]/",
            "https://[100::1]/",
            // IPv4 inside IPv6: mapped, compatible, NAT64 (both prefixes), 6to4, Teredo.
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::127.0.0.1]/",
            "https://[::7f00:1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[64:ff9b::169.254.169.254]/",
            "https://[64:ff9b:1::a00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[2002:a9fe:a9fe::1]/",
            "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
            // Names that mean something else to another parser.
            "https://receiver.example./",
            "https://localhost./",
            "https://receiver.example\\@127.0.0.1/",
            "https://127.0.0.1\\.receiver.example/",
            "https://receiver.example\t.evil/",
            "https://receiver_example/",
            "https://-receiver.example/",
            "https://straße.example/",
            "https://{{evil}}/",
            // Names that lead to what is not public, all of them or one of them.
            "https://localhost/",
            "https://loopback.example/",
            "https://metadata.example/",
            "https://mapped.example/",
            "https://sixtofour.example/",
            "https://one-of-two.example/",
            "https://xn--strae-oqa.example/");

    /** Asks no server. */
    private static final Map<String, List<String>> NAMES = Map.of(
            "receiver.example", List.of("93.184.216.34"),
            "localhost", List.of("127.0.0.1", "::1"),
            "loopback.example", List.of("127.0.0.1"),
            "metadata.example", List.of("169.254.169.254"),
            "mapped.example", List.of("::ffff:10.0.0.1"),
            "sixtofour.example", List.of("2002:a00:1::1"),
            "one-of-two.example", List.of("93.184.216.34", "10.0.0.1"),
            "xn--strae-oqa.example", List.of("fd00::1"));

    private final Map<String, Integer> asked = new ConcurrentHashMap<>();
    private final WebhookSettings settings = WebhookFixtures.settings(Map.of("timeout", "2s"));

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        int times = asked.merge(host, 1, Integer::sum);
        List<String> literals = host.equals("rebind.example")
                ? List.of(times == 1 ? "93.184.216.34" : "127.0.0.1")
                : NAMES.getOrDefault(
                        host, host.matches("[0-9.]+|\\[?[0-9a-f:.]*:[0-9a-f:.]*]?") ? List.of(host) : List.of());
        if (literals.isEmpty()) {
            throw new UnknownHostException(host);
        }
        InetAddress[] addresses = new InetAddress[literals.size()];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = InetAddress.getByName(literals.get(i));
        }
        return addresses;
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    /** Calls a URL as a webhook is called. Throws when it is refused, and when there is no TLS at the other end. */
    void call(String url, PoolingHttpClientConnectionManagerBuilder connections) throws Exception {
        WebhookUrl.check(url, settings);
        WebhookDeadline deadline = new WebhookDeadline(settings);
        try (CloseableHttpClient http = WebhookClient.webhookHttpClient(
                WebhookClient.connections(connections, new AddressGuard(settings, this), settings), deadline)) {
            http.execute(new HttpPost(new URI(url)), answer -> answer.getCode());
        } finally {
            deadline.destroy();
        }
    }
}

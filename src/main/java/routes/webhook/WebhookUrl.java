package routes.webhook;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;
import routes.delivery.DeliveryException;

/**
 * The rules for the URL of a webhook, checked before connecting. Spellings on which parsers disagree are refused, so that the
 * checked URL is the one that is called. The {@link AddressGuard} decides which addresses may be called.
 */
final class WebhookUrl {

    private static final int MAX_HOST = 253;

    /** Letters, digits and hyphens (RFC 1123, section 2.1), labels of at most 63; without a dot at the end. */
    private static final Pattern NAME =
            Pattern.compile("(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");

    /** Some parsers take a host with this ending for an IPv4 address (WHATWG URL, "ends in a number"). */
    private static final Pattern ENDS_IN_A_NUMBER = Pattern.compile("(?:.*\\.)?(?:\\d+|0x[0-9a-f]*)");

    private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

    /** Four decimal numbers without leading zeros (RFC 3986, section 3.2.2). */
    static final Pattern IPV4 = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");

    /** Without a zone id. */
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+]");

    private WebhookUrl() {}

    /**
     * Checks a URL.
     *
     * @throws DeliveryException.Permanent when it must not be called; the message says why
     */
    static void check(String url, WebhookSettings settings) {
        URI uri = parse(url);
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !(settings.allowHttp() && scheme.equals("http"))) {
            throw refused("is not https");
        }
        if (uri.getRawFragment() != null) {
            throw refused(
                    "has a fragment, which no receiver would see (RFC 3986, section 3.5): remove the # and what follows it");
        }
        if (uri.getRawUserInfo() != null) {
            throw refused("has user information before its host");
        }
        checkHost(uri.getHost() == null ? "" : uri.getHost().toLowerCase(Locale.ROOT));
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        if (settings.ports().stream().noneMatch(range -> range.contains(port))) {
            throw refused("has the port %d, which webhooks.ports does not allow".formatted(port));
        }
    }

    private static URI parse(String url) {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            throw new DeliveryException.Permanent("the webhook's URL is malformed", null, e)
                    .toOthers("the webhook's URL is malformed");
        }
    }

    private static void checkHost(String host) {
        if (host.startsWith("[")) {
            if (!IPV6.matcher(host).matches()) {
                throw refused("has a host that is not a plain IPv6 address");
            }
        } else if (ENDS_IN_A_NUMBER.matcher(host).matches()) {
            if (!IPV4.matcher(host).matches()) {
                throw refused("has a host that can be read as different addresses: write four decimal numbers");
            }
        } else if (host.length() > MAX_HOST || !NAME.matcher(host).matches()) {
            throw refused("has an invalid host: write letters, digits, hyphens and dots, other scripts as xn--");
        }
    }

    private static DeliveryException.Permanent refused(String problem) {
        return new DeliveryException.Permanent("the webhook's URL " + problem);
    }
}

package routes.webhook;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A network as a CIDR (RFC 4632, RFC 4291 section 2.3).
 *
 * @param address its first address
 * @param prefix how many leading bits its addresses share
 */
public record Network(InetAddress address, int prefix) {

    /** With a colon, {@link InetAddress#getByName} accepts only IPv6 addresses; anything else would cause a DNS lookup. */
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /**
     * Reads a CIDR such as {@code 10.0.0.0/8} or {@code fd00::/8}.
     *
     * @throws IllegalArgumentException when it is not one
     */
    public static Network valueOf(String cidr) {
        int slash = cidr.indexOf('/');
        String host = slash < 0 ? cidr : cidr.substring(0, slash);
        try {
            if (slash > 0
                    && (WebhookUrl.IPV4.matcher(host).matches()
                            || IPV6.matcher(host).matches())) {
                InetAddress address = InetAddress.getByName(host);
                int prefix = Integer.parseInt(cidr.substring(slash + 1));
                if (prefix >= 0 && prefix <= address.getAddress().length * 8) {
                    return new Network(address, prefix);
                }
            }
        } catch (UnknownHostException | NumberFormatException e) {
            throw new IllegalArgumentException(message(cidr), e);
        }
        throw new IllegalArgumentException(message(cidr));
    }

    private static String message(String cidr) {
        return "write networks as CIDRs, such as 10.0.0.0/8: \"%s\" is not one".formatted(cidr);
    }

    /** In the form that it is read. */
    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefix;
    }

    /** Whether the address belongs to this network. */
    public boolean contains(InetAddress other) {
        byte[] mine = address.getAddress();
        byte[] its = other.getAddress();
        return mine.length == its.length && bits(mine).equals(bits(its));
    }

    private BigInteger bits(byte[] bytes) {
        return new BigInteger(1, bytes).shiftRight(bytes.length * 8 - prefix);
    }
}

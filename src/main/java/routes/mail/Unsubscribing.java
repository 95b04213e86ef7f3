package routes.mail;

import io.github.bucket4j.Bucket;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import routes.background.Masking;
import routes.background.RateLimit;

/** The URL at which a person unsubscribes: the campaign's {@code email_config.unsubscribe_url}, with its placeholders filled in. */
final class Unsubscribing {

    private static final Logger LOG = LoggerFactory.getLogger(Unsubscribing.class);

    private static final Bucket WARNINGS = RateLimit.onePerMinute();

    private Unsubscribing() {}

    /**
     * The person's URL; empty if the campaign has none, or an invalid one. Only https: plain http would reveal to the network
     * who unsubscribes (RFC 8058, section 3.1).
     */
    static Optional<String> url(Person person) {
        if (person.unsubscribeUrl() == null || person.unsubscribeUrl().isBlank()) {
            return Optional.empty();
        }
        String url = person.inUrl(person.unsubscribeUrl().strip());
        try {
            URI uri = new URI(url);
            if ("https".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null && Addresses.isAscii(url)) {
                return Optional.of(url);
            }
        } catch (URISyntaxException e) {
            LOG.debug("No URL: {}", Masking.mask(e.getMessage()));
        }
        if (WARNINGS.tryConsume(1)) { // an announcement has a mail for each of a million people
            LOG.warn(
                    "The unsubscribe_url in the email_config of the campaign {} is not an https URL, and is not used",
                    person.campaignSlug());
        }
        return Optional.empty();
    }
}

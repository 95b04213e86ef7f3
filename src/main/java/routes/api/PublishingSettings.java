package routes.api;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Pattern;
import java.util.List;
import org.hibernate.validator.constraints.Range;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Publishing over HTTP ({@code publishing.*}).
 *
 * @param apiKey the bearer tokens for POST /events, or their hashes; without one, publishing over HTTP is off. The first may
 *     be shorter than today's minimum; the ones after it, where a rotation puts the new key, may not (PUBLISH_API_KEY)
 * @param rate requests per second that each key may send to this instance
 * @param maxBytesInFlight total size of the bodies that are read or published at a time
 */
@Validated
@ConfigurationProperties(prefix = "publishing", ignoreUnknownFields = false)
public record PublishingSettings(
        @DefaultValue
        List<
                        @Pattern(
                                regexp = "(?!\\{)[!-~]{6,512}|\\{sha256}[0-9a-fA-F]{64}",
                                message =
                                        "write 6 to 512 printable characters without spaces or commas, or {sha256} and their hash in hex; separate several keys with commas")
                        String>
                apiKey,

        @DefaultValue("1000") @Range(min = 1, max = 1_000_000)
        int rate,

        @DefaultValue("16777216") @Range(min = 4_194_304, max = 1_073_741_824)
        int maxBytesInFlight) {

    /** Too long to be guessed. */
    static final int GOOD_LENGTH = 16;

    @AssertTrue(
            message =
                    "a key after the first of PUBLISH_API_KEY (publishing.api-key) is a new one: write at least 16 characters, such as the output of openssl rand -hex 32")
    boolean isEveryNewKeyLong() {
        return apiKey.stream().skip(1).allMatch(key -> key.length() >= GOOD_LENGTH);
    }

    /** Without the keys: a record prints all it holds. */
    @Override
    public String toString() {
        return "PublishingSettings[apiKey=%d keys, rate=%d]".formatted(apiKey.size(), rate);
    }
}

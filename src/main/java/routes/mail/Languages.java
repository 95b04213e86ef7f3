package routes.mail;

import java.util.Collection;
import java.util.Locale;
import java.util.Locale.LanguageRange;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Languages of texts, by their tags (RFC 5646), such as {@code de} and {@code de-AT}. */
public final class Languages {

    private static final Logger LOG = LoggerFactory.getLogger(Languages.class);

    /** Longer ones are from nobody who wants to read something. */
    private static final int MAX_WANTED = 200;

    private Languages() {}

    /** Whether a text is the tag of a known language, written as tags are: {@code de-AT}, and not {@code de_at}. */
    static boolean isTag(String text) {
        Locale locale = Locale.forLanguageTag(text);
        return locale.toLanguageTag().equals(text)
                && !locale.getDisplayLanguage(Locale.ENGLISH).equals(locale.getLanguage());
    }

    /**
     * The tag that fits best (RFC 4647, section 3.4): {@code de-AT} finds {@code de} if there is no {@code de-AT}.
     *
     * @param tags what there is
     * @param wanted language ranges, the most wanted first, each as in {@code Accept-Language}; null and what cannot be read
     *     are passed over
     * @return empty if nothing fits
     */
    public static Optional<String> lookUp(Collection<String> tags, @Nullable String... wanted) {
        for (String ranges : wanted) {
            if (ranges != null && !ranges.isBlank() && ranges.length() <= MAX_WANTED && !tags.isEmpty()) {
                try {
                    String found =
                            Locale.lookupTag(LanguageRange.parse(ranges.strip().replace('_', '-')), tags);
                    if (found != null) {
                        return Optional.of(found);
                    }
                } catch (IllegalArgumentException e) {
                    LOG.debug("Not a language: {}", ranges, e); // such as "German": as if there were none
                }
            }
        }
        return Optional.empty();
    }
}

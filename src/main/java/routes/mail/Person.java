package routes.mail;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A person of a campaign, for mails.
 *
 * @param position the place on the leaderboard as of the last recalculation
 * @param locale the language of their mails; null for that of the settings
 */
record Person(
        UUID id,
        String email,
        @Nullable String firstName,
        @Nullable String lastName,
        String referralCode,
        int referralCount,
        long position,
        String status,
        boolean deleted,
        String campaignName,
        String campaignSlug,
        @Nullable String fromName,
        @Nullable String fromEmail,
        @Nullable String unsubscribeUrl,
        @Nullable String locale) {

    /** The template variables that everybody with a row has. */
    static final List<String> NAMES = List.of(
            "position", "position_ordinal", "referral_code", "referral_count", "campaign_name", "campaign_slug");

    /** Line breaks and direction overrides: a name must stay on one line, and not affect the text around it. */
    private static final Pattern NOT_IN_A_NAME =
            Pattern.compile("[\\s\\p{Cntrl}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]+");

    /** Whether the person may get mail. */
    boolean isReachable() {
        return !deleted && !status.equals("blocked");
    }

    /** First and last name, on one line; null without a first name. */
    @Nullable
    String name() {
        return firstName == null || line(firstName).isEmpty()
                ? null
                : line(firstName + " " + (lastName == null ? "" : lastName));
    }

    /** The template variables from the row. */
    Map<String, Object> variables() {
        Map<String, Object> variables = new HashMap<>();
        variables.put("email", line(email));
        putIfPresent(variables, "first_name", firstName);
        putIfPresent(variables, "last_name", lastName);
        putPosition(variables, position);
        variables.put("referral_code", line(referralCode));
        variables.put("referral_count", referralCount);
        variables.put("campaign_name", line(campaignName));
        variables.put("campaign_slug", line(campaignSlug));
        return variables;
    }

    /** Adds a position, as a number and as an ordinal. */
    static void putPosition(Map<String, Object> variables, long position) {
        variables.put("position", position);
        variables.put("position_ordinal", ordinal(position));
    }

    /** A URL with its placeholders filled in. */
    String inUrl(String template) {
        return template.replace("{campaign_slug}", urlEncoded(campaignSlug))
                .replace("{referral_code}", urlEncoded(referralCode))
                .replace("{user_id}", id.toString());
    }

    /** The text on one line. */
    static String line(String text) {
        return NOT_IN_A_NAME.matcher(text).replaceAll(" ").strip();
    }

    private static void putIfPresent(Map<String, Object> variables, String name, @Nullable String value) {
        if (value != null && !line(value).isEmpty()) {
            variables.put(name, line(value));
        }
    }

    /** 1st, 2nd, 3rd, 4th, 11th, 21st. */
    static String ordinal(long number) {
        long ofHundred = number % 100;
        boolean teen = ofHundred >= 11 && ofHundred <= 13;
        String ending =
                switch (teen ? 0 : (int) (number % 10)) {
                    case 1 -> "st";
                    case 2 -> "nd";
                    case 3 -> "rd";
                    default -> "th";
                };
        return number + ending;
    }

    private static String urlEncoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}

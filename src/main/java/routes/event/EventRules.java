package routes.event;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralCreated;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;

/**
 * The rules for the values of an event, whether it is read or about to be written. Each rule returns what is wrong with a value, in words
 * that follow the field's name, or null.
 */
final class EventRules {

    /** No event is older; an older record timestamp is ignored. */
    static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

    /** The violation of a time that is in the future, by both the record's time and this machine's clock. */
    static final String AHEAD = "is more than a day ahead";

    /** Far above any use, and far too small to overflow a score. */
    static final int MAX_POINTS = 1_000_000;

    static final int MAX_PARTICIPANTS = Integer.MAX_VALUE;

    /** Long enough for any id in use, short enough for an index and a header. */
    private static final int MAX_TEXT = 255;

    private static final int MAX_ID = 128;

    /** The characters of ids, by their codes: comparing each with ranges took longer than writing the event. */
    private static final boolean[] OF_IDS = new boolean[128];

    static {
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:"
                .chars()
                .forEach(c -> OF_IDS[c] = true);
    }

    /** RFC 5321, section 4.5.3.1: 64 octets before the at sign; the limit of 256 for the whole path includes the brackets. */
    private static final Pattern EMAIL =
            Pattern.compile("[^\\s@<>()\\[\\],;:\\\\\"]{1,64}@[^\\s@<>()\\[\\],;:\\\\\"]+");

    private static final int MAX_EMAIL = 254;

    /** The latest time that RFC 3339 can express. */
    private static final Instant END = Instant.parse("9999-12-31T23:59:59Z");

    private final List<Violation> violations = new ArrayList<>();

    private EventRules() {}

    /** What is wrong with an event that was made, not read; {@code latest} is the latest valid time. */
    static List<Violation> violations(DomainEvent event, Instant latest) {
        EventRules rules = new EventRules();
        rules.id("id", event.id());
        rules.id("account_id", event.accountId());
        rules.id("campaign_id", event.campaignId());
        rules.data(event.data());
        rules.check("timestamp", event.timestamp(), time -> time(time, latest));
        return rules.violations;
    }

    private void data(EventData data) {
        if (data instanceof UserSignedUp signedUp) {
            person(signedUp.userId(), signedUp.campaignId(), signedUp.email());
        } else if (data instanceof UserVerified verified) {
            person(verified.userId(), verified.campaignId(), verified.email());
        } else if (data instanceof ReferralCreated created) {
            referral(created.referralId(), created.referrerId(), created.referredId(), created.campaignId());
        } else if (data instanceof ReferralVerified verified) {
            referral(verified.referralId(), verified.referrerId(), verified.referredId(), verified.campaignId());
            if (verified.pointsPerReferral() != null) {
                check("data.points_per_referral", verified.pointsPerReferral(), points -> count(points, MAX_POINTS));
            }
        } else if (data instanceof RewardEarned earned) {
            id("data.user_reward_id", earned.userRewardId());
            id("data.user_id", earned.userId());
            id("data.campaign_id", earned.campaignId());
            id("data.reward_id", earned.rewardId());
        } else if (data instanceof CampaignMilestoneReached reached) {
            id("data.campaign_id", reached.campaignId());
            check("data.milestone", reached.milestone(), EventRules::text);
            check("data.participant_count", reached.participantCount(), count -> count(count, MAX_PARTICIPANTS));
        } else {
            throw new IllegalStateException("There are no rules for " + data.type());
        }
    }

    private void person(String user, String campaign, String email) {
        id("data.user_id", user);
        id("data.campaign_id", campaign);
        check("data.email", email, EventRules::email);
    }

    private void referral(String referral, String referrer, String referred, String campaign) {
        id("data.referral_id", referral);
        id("data.referrer_id", referrer);
        id("data.referred_id", referred);
        id("data.campaign_id", campaign);
    }

    private void id(String field, String id) {
        check(field, id, EventRules::id);
    }

    /** An application may have left a value null. */
    private <T> void check(String field, @Nullable T value, Function<T, @Nullable String> rule) {
        String problem = value == null ? "is missing" : rule.apply(value);
        if (problem != null) {
            violations.add(new Violation(field, problem));
        }
    }

    /** Ids are part of keys, headers and log lines: only characters that never need quoting. */
    static @Nullable String id(String text) {
        if (isId(text)) {
            return null;
        }
        String problem = text(text);
        return problem != null ? problem : "must be 1 to 128 letters, digits, or . _ : -";
    }

    private static boolean isId(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= OF_IDS.length || !OF_IDS[c]) {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= MAX_ID;
    }

    /** A line of text that is not empty. */
    static @Nullable String text(String text) {
        String problem = size(text);
        return problem != null ? problem : characters(text);
    }

    private static @Nullable String size(String text) {
        if (text.isBlank()) {
            return "is empty";
        }
        return text.length() > MAX_TEXT
                ? "has " + text.length() + " characters; at most " + MAX_TEXT + " are allowed"
                : null;
    }

    /** Most fields are short: a loop takes a tenth of the time of streams, patterns or encoders. */
    private static @Nullable String characters(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                return "contains a control character";
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return "contains an unpaired surrogate";
                }
                i++;
            }
        }
        return null;
    }

    /** An address; white space around it is ignored, as in the application's rows. */
    static @Nullable String email(String text) {
        String problem = size(text);
        if (problem != null) {
            return problem;
        }
        String address = WhiteSpace.strip(text);
        if (WhiteSpace.isIn(address)) {
            return "contains white space, a control character or a zero-width character";
        }
        if (text.length() > MAX_EMAIL || !EMAIL.matcher(address).matches()) {
            return "is not an email address";
        }
        return characters(address);
    }

    /** A time; {@code latest} is ahead by as much as clocks and time zones differ. */
    static @Nullable String time(Instant time, Instant latest) {
        if (time.isBefore(EARLIEST)) {
            return "is before the year 2000";
        }
        return time.isAfter(latest) || time.isAfter(END) ? AHEAD : null;
    }

    static @Nullable String count(int count, int max) {
        return count < 0 || count > max ? "must be between 0 and " + max : null;
    }
}

package faults;

import java.time.Instant;

/**
 * Something that reached the outside.
 *
 * @param key what happened to whom; it happens once, or as often as distinct events ask for it
 * @param id what the service calls it, the same when it is repeated: a Message-ID, a webhook-id
 * @param at when
 */
record Effect(String key, String id, Instant at) {

    static String mail(String kind, String recipient) {
        return "mail %s %s".formatted(kind, recipient);
    }

    static String webhook(String userId, String rewardId) {
        return "webhook %s %s".formatted(userId, rewardId);
    }

    static String byHand(String userRewardId) {
        return "by-hand " + userRewardId;
    }

    static boolean isSeenBySinks(String key) {
        return !key.startsWith("by-hand ");
    }
}

package routes.erasure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Component;
import routes.event.Ids;
import routes.event.Sha256;
import routes.operation.Arguments;
import routes.settings.Statements;

/** Finds whom a request is about, in the application's table and in the ledger. */
@Component
class Subjects {

    private static final int MAX_NAMED = 5;

    private final Statements sql;

    Subjects(Statements sql) {
        this.sql = sql;
    }

    /**
     * Somebody as a campaign knows them.
     *
     * @param email their address; null if only the ledger knows them, and without one
     */
    private record Place(
            String campaignId,
            String userId,
            @Nullable String email,
            @Nullable String firstName,
            @Nullable String lastName) {

        /** By which words texts of operators name them. An id that is not a UUID may be any word. */
        Stream<String> words() {
            List<String> words = new ArrayList<>();
            if (Ids.isUuid(userId)) {
                words.add(userId);
            }
            if (email != null && !email.isBlank()) {
                words.add(email.strip());
                words.add(hash(email));
            }
            if (firstName != null && !firstName.isBlank() && lastName != null && !lastName.isBlank()) {
                words.add(firstName.strip() + " " + lastName.strip());
            }
            return words.stream();
        }
    }

    private record Trace(String campaignId, String userId, @Nullable String email) {}

    /**
     * Whom a request is about.
     *
     * @param everywhere whether it is about all campaigns that know the person
     * @param inApplication whether the application has a row of the person
     */
    record Subject(
            Set<String> users,
            Set<String> campaigns,
            Set<String> addresses,
            Set<String> words,
            boolean everywhere,
            boolean inApplication) {

        StatementSpec of(StatementSpec statement) {
            Set<String> uuids = users.stream().filter(Ids::isUuid).collect(Collectors.toSet());
            return statement
                    .param("users", array(users, user -> user))
                    .param("uuids", array(uuids, uuid -> uuid))
                    .param("campaigns", array(campaigns, campaign -> campaign))
                    .param("hashes", array(addresses, Subjects::hash))
                    .param("words", array(words, word -> word))
                    // An id that is not a UUID is searched for as JSON has it.
                    .param("like_ids", array(users, user -> like(Ids.isUuid(user) ? user : '"' + user + '"')))
                    .param("like_addresses", array(addresses, Subject::like))
                    .param("like_campaigns", array(campaigns, Subject::like))
                    .param("like_words", array(words, Subject::like))
                    .param("everywhere", everywhere);
        }

        private static String[] array(Set<String> values, UnaryOperator<String> as) {
            return values.stream().map(as).toArray(String[]::new);
        }

        private static String like(String text) {
            return "%" + text.replaceAll("([\\\\%_])", "\\\\$1") + "%";
        }
    }

    /**
     * The person with an id.
     *
     * @param campaign the only campaign to look in; null for any
     * @param all whether the person may be in several campaigns
     */
    Subject withId(String id, @Nullable String campaign, boolean all) {
        return subject(Set.of(id), places(Ids.isUuid(id) ? UUID.fromString(id) : null, null, null), campaign, all);
    }

    /** The people with an address: one per campaign. */
    Subject withAddress(String address, @Nullable String campaign, boolean all) {
        List<Place> places = places(null, address, campaign);
        return subject(places.stream().map(Place::userId).collect(Collectors.toSet()), places, campaign, all);
    }

    private List<Place> places(@Nullable UUID id, @Nullable String address, @Nullable String campaign) {
        return sql.of("erasure/find-people")
                .param("id", id)
                .param("address", address)
                .param("campaign", campaign)
                .query(Place.class)
                .list();
    }

    private Subject subject(Set<String> users, List<Place> people, @Nullable String campaign, boolean all) {
        List<Place> places = new ArrayList<>(people);
        sql.of("erasure/find-traces")
                .param("users", users.toArray(String[]::new))
                .query(Trace.class)
                .list()
                .forEach(trace -> places.add(new Place(trace.campaignId(), trace.userId(), trace.email(), null, null)));
        Set<String> known = distinct(places, Place::campaignId);
        if (campaign == null ? known.isEmpty() : !known.contains(campaign)) {
            throw Arguments.missing("there is no such person%s, neither in the application's table nor in the ledger"
                            .formatted(campaign == null ? "" : " in campaign " + campaign)
                    + " (one whom the application has deleted is found by id only)");
        }
        if (campaign == null && !all && known.size() > 1) {
            throw Arguments.refused("%d campaigns know this person (%s%s): write one of them as campaign, or all"
                    .formatted(
                            known.size(),
                            known.stream().limit(MAX_NAMED).collect(Collectors.joining(", ")),
                            known.size() > MAX_NAMED ? ", ..." : ""));
        }
        if (campaign != null) {
            places.removeIf(place -> !place.campaignId().equals(campaign));
        }
        return new Subject(
                distinct(places, Place::userId),
                distinct(places, Place::campaignId),
                distinct(places, Place::email),
                places.stream().flatMap(Place::words).collect(Collectors.toCollection(TreeSet::new)),
                campaign == null || known.size() == 1,
                people.stream().anyMatch(places::contains));
    }

    /** As it stands for an address in {@code suppression}. */
    private static String hash(String address) {
        return Sha256.hex(address.strip().toLowerCase(Locale.ROOT));
    }

    private static Set<String> distinct(List<Place> places, Function<Place, @Nullable String> part) {
        return places.stream()
                .map(part)
                .filter(Objects::nonNull)
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}

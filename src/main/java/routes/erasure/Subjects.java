package routes.erasure;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.stereotype.Component;
import routes.event.Ids;
import routes.mail.smtp.Suppressions;
import routes.operation.Arguments;
import routes.settings.Statements;

/** Finds whom a request is about, in the application's table and in the ledger. */
@Component
class Subjects {

    /** RFC 5321, section 4.5.3.1: much longer ones are too much for a regular expression. */
    private static final Pattern ADDRESS = Pattern.compile("[^@\\s]{1,64}@[^@\\s]{1,255}");

    /** Letters in both parts. */
    private static final Pattern FULL_NAME = Pattern.compile("(?=.{3,255}$).*\\p{L}.*\\s.*\\p{L}.*");

    private final Statements sql;
    private final Suppressions suppressions;

    Subjects(Statements sql, Suppressions suppressions) {
        this.sql = sql;
        this.suppressions = suppressions;
    }

    /** Somebody as a campaign knows them. */
    private record Place(
            String campaignId,
            String userId,
            @Nullable String email,
            @Nullable String name,
            boolean inApplication) {

        /** As the application has it and as mails do, in lower case; none if it is another text, which may be any word. */
        Stream<String> addresses() {
            return email == null || !ADDRESS.matcher(email.strip()).matches()
                    ? Stream.empty()
                    : Stream.of(email.strip().toLowerCase(Locale.ROOT), Suppressions.normal(email));
        }

        /** By which words texts of operators name them. An id that is not a UUID may be any word, and so may a name of one. */
        Stream<String> words() {
            Stream<String> names = Stream.ofNullable(name)
                    .filter(text -> FULL_NAME.matcher(text).matches());
            return Stream.of(Stream.of(userId).filter(Ids::isUuid), addresses(), names)
                    .flatMap(words -> words);
        }
    }

    /**
     * Whom a request is about.
     *
     * @param own those of the ids that mean nobody else in another campaign
     * @param digests what stands for the addresses among the suppressions
     * @param words by which texts name them
     * @param everywhere whether it is also about what names none of the campaigns
     * @param inApplication whether the application has a row of them
     */
    record Subject(
            Set<String> users,
            Set<String> own,
            Set<String> campaigns,
            Set<String> addresses,
            Set<String> digests,
            Set<String> words,
            boolean everywhere,
            boolean inApplication) {

        /** The statement with its parameters. Those that begin with like_ are patterns of what contains them. */
        StatementSpec in(StatementSpec statement) {
            return statement
                    .param("users", array(users, user -> user))
                    .param("uuids", users.stream().filter(Ids::isUuid).toArray(String[]::new))
                    .param("campaigns", array(campaigns, campaign -> campaign))
                    .param("addresses", array(addresses, address -> address))
                    .param("addresses_spelt", Patterns.spelt(addresses))
                    .param("hashes", array(digests, digest -> digest))
                    .param("words", array(words, word -> word))
                    .param("like_own_ids", array(own, Patterns::like))
                    // An id that is not a UUID is searched for as JSON has it.
                    .param("like_ids", array(users, user -> Patterns.like(Ids.isUuid(user) ? user : '"' + user + '"')))
                    .param("like_addresses", array(addresses, Patterns::likeAddress))
                    .param("like_campaigns", array(campaigns, Patterns::like))
                    .param("like_words", array(words, Patterns::likeWord))
                    .param("everywhere", everywhere);
        }

        private static String[] array(Set<String> values, UnaryOperator<String> as) {
            return values.stream().map(as).toArray(String[]::new);
        }
    }

    /**
     * The person with an id, or the people with an address, of whom there is one in a campaign.
     *
     * @param campaign the only campaign to look in; null for any
     * @param all whether they may be in several, and what names no campaign is meant, too
     * @throws org.springframework.web.server.ResponseStatusException (404) if nobody knows the person; (409) if several campaigns do, or
     *     if the person has an address and this instance has no {@code mail.secrets}, without which its suppressions are not found
     */
    Subject find(@Nullable String id, @Nullable String address, @Nullable String campaign, boolean all) {
        List<Place> known = sql.of("erasure/find-people")
                .param("id", id)
                .param("uuid", id != null && Ids.isUuid(id) ? id : null)
                .param("address", address)
                .param("campaign", campaign)
                .query(Place.class)
                .list();
        List<Place> places = known.stream()
                .filter(place -> campaign == null || place.campaignId().equals(campaign))
                .toList();
        Set<String> campaigns = distinct(places, place -> Stream.of(place.campaignId()));
        if (places.isEmpty()) {
            throw Arguments.missing("there is no such person%s, neither in the application's table nor in the ledger"
                            .formatted(campaign == null ? "" : " in campaign " + campaign)
                    + " (whom the application has deleted is found by their id alone)");
        }
        if (campaigns.size() > 1 && !all) {
            throw Arguments.refused("%d campaigns know this person (%s): write one of them as campaign, or all"
                    .formatted(campaigns.size(), campaigns.stream().limit(10).collect(Collectors.joining(", "))));
        }
        Set<String> users = distinct(places, place -> Stream.of(place.userId()));
        Set<String> elsewhere = distinct(
                known, place -> Stream.of(place.userId()).filter(user -> !campaigns.contains(place.campaignId())));
        Set<String> addresses = distinct(places, Place::addresses);
        Set<String> digests = addresses.stream()
                .flatMap(some -> suppressions.digests(some).stream())
                .collect(Collectors.toSet());
        return new Subject(
                users,
                users.stream()
                        .filter(user -> Ids.isUuid(user) && !elsewhere.contains(user))
                        .collect(Collectors.toSet()),
                campaigns,
                addresses,
                digests,
                distinct(places, place -> Stream.concat(place.words(), digests.stream())),
                all,
                places.stream().anyMatch(Place::inApplication));
    }

    private static Set<String> distinct(List<Place> places, Function<Place, Stream<String>> parts) {
        return places.stream()
                .flatMap(parts)
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}

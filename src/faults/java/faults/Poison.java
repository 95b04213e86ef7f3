package faults;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A record that is not an event.
 *
 * @param name what is wrong with it
 * @param value its value
 * @param deadLetterOf the groups in whose dead letters it has to lie; all others pass over it
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, and never compared
record Poison(String name, byte @Nullable [] value, Set<String> deadLetterOf) {

    static final Set<String> ALL_GROUPS = Set.copyOf(Stage.GROUPS);

    /** What may come by every day. */
    static final List<Poison> COMMON = List.of(
            of("invalid JSON", "{\"type\": \"user.signed_up\", ", Set.of("email-workers")),
            of("no type", "{\"id\": \"1\"}", ALL_GROUPS),
            of(
                    "fields missing",
                    "{\"id\": \"1\", \"type\": \"reward.earned\"}",
                    Set.of("email-workers", "reward-workers")),
            of("a type that nobody knows", "{\"id\": \"1\", \"type\": \"user.flew\"}", Set.of()),
            new Poison("null", null, ALL_GROUPS),
            new Poison("no UTF-8", new byte[] {'{', '"', (byte) 0xc3, '"', '}'}, ALL_GROUPS));

    static Poison of(String name, String value, Set<String> deadLetterOf) {
        return new Poison(name, value.getBytes(StandardCharsets.UTF_8), deadLetterOf);
    }
}

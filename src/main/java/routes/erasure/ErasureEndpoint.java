package routes.erasure;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.stereotype.Component;
import routes.erasure.ErasureOperations.Result;
import routes.erasure.Subjects.Subject;
import routes.event.Ids;
import routes.operation.Arguments;

/**
 * {@code erasure}: exports what is kept about a person, or erases it. Both are posted: no address is in a URL, and viewers may do
 * neither.
 */
@Component
@Endpoint(id = "erasure")
class ErasureEndpoint {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
    private static final Pattern ADDRESS = Pattern.compile("[^@\\s]+@[^@\\s]+");
    private static final String ALL = "all";

    private final Subjects subjects;
    private final ErasureOperations erasure;

    ErasureEndpoint(Subjects subjects, ErasureOperations erasure) {
        this.subjects = subjects;
        this.erasure = erasure;
    }

    /**
     * Exports or erases what is kept about a person.
     *
     * @param action {@code export}, unless somebody writes {@code erase}
     * @param user the person's id; or else their address
     * @param campaign a campaign's id, or {@code all}, also of what has an address and names no campaign; not needed for a person whom one
     *     campaign knows
     */
    @WriteOperation
    Result change(
            @Nullable String action,
            @Nullable String by,
            @Nullable String user,
            @Nullable String address,
            @Nullable String campaign) {
        String what = action == null ? "export" : Arguments.oneOf("action", action, List.of("export", "erase"));
        String who = Arguments.by(by);
        if ((user == null) == (address == null)) {
            throw Arguments.wrong("user", "or address: write one of the two");
        }
        boolean all = ALL.equals(campaign);
        Subject subject = subjects.find(
                Arguments.ifGiven("user", user, ErasureEndpoint::id),
                Arguments.ifGiven("address", address, ErasureEndpoint::address),
                all
                        ? null
                        : Arguments.ifGiven("campaign", campaign, (field, value) -> Arguments.uuid(field, value)
                                .toString()),
                all);
        return what.equals("erase") ? erasure.erase(subject, who) : erasure.export(subject, who);
    }

    private static String id(String field, String value) {
        String id = Ids.asRead(value.strip());
        if (!ID.matcher(id).matches()) {
            throw Arguments.wrong(field, "must be 1 to 128 letters, digits, or . _ : -");
        }
        return id;
    }

    private static String address(String field, String value) {
        String address = Arguments.required(field, value);
        if (!ADDRESS.matcher(address).matches()) {
            throw Arguments.wrong(field, "must be an email address");
        }
        return address;
    }
}

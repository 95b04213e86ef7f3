package routes.mail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The mails, each with its template variables: the table in docs/guides/mail-templates.md. */
enum Mail {
    WELCOME("user.signed_up", List.of(), Person.NAMES),
    VERIFIED("user.verified", List.of(), Person.NAMES),
    POSITION_UPDATE("referral.verified", Person.NAMES, List.of("old_position", "friend_count")),
    REWARD_EARNED("reward.earned", plus(Person.NAMES, "reward_name"), List.of("reward_description")),
    MILESTONE("campaign.milestone_reached", plus(Person.NAMES, "milestone", "participant_count"), List.of()),
    REWARD("reward.delivered", plus(Person.NAMES, "reward_name"), List.of("reward_description", "reward_code"));

    private final String folder;

    @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable copy
    private final Set<String> required;

    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<String> optional;

    Mail(String folder, List<String> required, List<String> optional) {
        this.folder = folder;
        this.required = Set.copyOf(plus(required, "email"));
        this.optional = Set.copyOf(plus(optional, "first_name", "last_name", "referral_link", "unsubscribe_url"));
    }

    private static List<String> plus(List<String> some, String... more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(Arrays.asList(more));
        return all;
    }

    /** The folder of its templates; for a mail about an event, the event's type. */
    String folder() {
        return folder;
    }

    /** The variables that always have a value. */
    Set<String> required() {
        return required;
    }

    /** The variables that may be missing: a template must put them in a section. */
    Set<String> optional() {
        return optional;
    }

    /** All variables. */
    Set<String> variables() {
        Set<String> all = new TreeSet<>(required);
        all.addAll(optional);
        return all;
    }

    /** The mail with this folder. */
    static Optional<Mail> of(String folder) {
        return Arrays.stream(values())
                .filter(mail -> mail.folder.equals(folder))
                .findFirst();
    }

    /** The parts of a mail, one template each. */
    enum Part {
        SUBJECT("subject", "txt", 1_000),
        TEXT("body.txt", "txt", 200_000),
        HTML("body.html", "html", 200_000); // Gmail shows the first 102 KB

        private final String file;
        private final String format;
        private final int maxCharacters;

        Part(String file, String format, int maxCharacters) {
            this.file = file + ".mustache";
            this.format = format;
            this.maxCharacters = maxCharacters;
        }

        /** The file in the mail's folder. */
        String file() {
            return file;
        }

        /** The extension of its partials before {@code .mustache}; values are escaped in html. */
        String format() {
            return format;
        }

        /** The file of a partial that a template of this part includes. */
        String partial(String name) {
            return "%s.%s.mustache".formatted(name, format);
        }

        /** The maximum length of a template, including its partials. */
        int maxCharacters() {
            return maxCharacters;
        }
    }
}

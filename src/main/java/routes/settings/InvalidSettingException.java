package routes.settings;

import java.util.stream.Stream;

/** A setting is missing or invalid, and the service cannot start. It may have suppressed others, which are told with it. */
public final class InvalidSettingException extends RuntimeException {

    private final String key;

    /**
     * An exception about one setting.
     *
     * @param key the setting's key, as in application.yaml
     * @param problem what is wrong and what to write instead, phrased to follow the key
     */
    public InvalidSettingException(String key, String problem) {
        super(problem);
        this.key = key;
    }

    /** Throws all at once, if there are any: the first, with the others as suppressed. */
    public static void throwAll(Stream<InvalidSettingException> all) {
        all.reduce((first, another) -> {
                    first.addSuppressed(another);
                    return first;
                })
                .ifPresent(first -> {
                    throw first;
                });
    }

    /** The setting's key, as in application.yaml. */
    public String key() {
        return key;
    }
}

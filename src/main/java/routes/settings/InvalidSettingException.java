package routes.settings;

/** A setting is missing or invalid, and the service cannot start. */
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

    /** The setting's key, as in application.yaml. */
    public String key() {
        return key;
    }
}

package routes.settings;

/** A setting is missing or wrong, and the service cannot start. */
public final class InvalidSettingException extends RuntimeException {

    private final String key;

    /**
     * Says what is wrong.
     *
     * @param key the setting's key, as in application.yaml
     * @param problem what is wrong and what to write instead, to be read after the key
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

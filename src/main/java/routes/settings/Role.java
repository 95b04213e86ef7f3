package routes.settings;

/** The role of an instance: one image runs as several deployments, each with its own share of the work. */
public enum Role {
    /** The group {@code email-workers}. */
    EMAIL,
    /** The group {@code position-workers}, and the repair of boards. */
    POSITION,
    /** The group {@code reward-workers}, which also sends mail. */
    REWARD,
    /** The HTTP API, {@code POST /events} and the leaderboards, and the outbox relay. */
    PUBLISH,
    /** The consumers in YAML files ({@code routes.directory}). */
    ROUTES,
    /** All roles. */
    ALL
}

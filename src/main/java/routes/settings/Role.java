package routes.settings;

/** What an instance of the service is there for: one image runs as several deployments, each with its own share of the work. */
public enum Role {
    /** The group {@code email-workers}. */
    EMAIL,
    /** The group {@code position-workers}, and the repair of boards. */
    POSITION,
    /** The group {@code reward-workers}, which also sends mail. */
    REWARD,
    /** What is asked over HTTP, {@code POST /events} and the leaderboards, and what the application writes to the outbox. */
    PUBLISH,
    /** The consumers in YAML files ({@code routes.directory}). */
    ROUTES,
    /** All of these. */
    ALL
}

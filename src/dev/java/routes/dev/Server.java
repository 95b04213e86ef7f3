package routes.dev;

/** A server of the platform, which a test of faults may kill and bring back. */
public interface Server extends AutoCloseable {

    /** Ends the server at once, as a crash would. What it had acknowledged stays. */
    void kill();

    /** Starts the server again, with the same port and data, and returns when it answers. */
    void restart();

    @Override
    void close();
}

package routes.replay;

/** Holds a rate: what is not used of a second's share is lost, so that a pause is not made up for by a burst. */
final class Pace {

    private final int perSecond;
    private double share = 1;
    private long since = System.nanoTime();

    Pace(int perSecond) {
        this.perSecond = perSecond;
    }

    /** How many there is room for now. */
    int room() {
        long now = System.nanoTime();
        share = Math.min(perSecond, share + (now - since) / 1e9 * perSecond);
        since = now;
        return (int) share;
    }

    void used(int some) {
        share -= some;
    }
}

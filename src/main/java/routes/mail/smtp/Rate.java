package routes.mail.smtp;

import java.util.concurrent.TimeUnit;

/** Lets so many mails a second pass, evenly: each waits for its moment. What is not used is not made up for. */
final class Rate {

    private final long nanosEach;
    private long next = System.nanoTime();

    Rate(int perSecond) {
        this.nanosEach = TimeUnit.SECONDS.toNanos(1) / perSecond;
    }

    /**
     * Waits for the next moment.
     *
     * @throws InterruptedException when the service stops meanwhile
     */
    void await() throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(reserve());
    }

    private synchronized long reserve() {
        long now = System.nanoTime();
        long mine = next - now > 0 ? next : now;
        next = mine + nanosEach;
        return mine - now;
    }
}

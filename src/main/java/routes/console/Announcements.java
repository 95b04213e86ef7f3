package routes.console;

import java.util.List;
import org.springframework.stereotype.Component;
import routes.mail.announcement.FanOuts.FanOut;
import routes.mail.announcement.FanOutsEndpoint;
import routes.mail.announcement.FanOutsEndpoint.Progress;

/** Announcements as pages show them. */
@Component
class Announcements {

    private static final String LATEST = "20";

    private final FanOutsEndpoint fanOuts;

    Announcements(FanOutsEndpoint fanOuts) {
        this.fanOuts = fanOuts;
    }

    /** A fan-out with its bar, and what can be done with it now. */
    record Announcement(
            FanOut fanOut,
            long done,
            long of,
            int percent,
            List<Count> counts,
            boolean ended,
            boolean pausable,
            boolean resumable) {

        boolean cancellable() {
            return pausable || resumable;
        }

        String label() {
            return fanOut.state();
        }
    }

    /** The newest first. */
    List<Announcement> latest() {
        return fanOuts.list(LATEST).fanouts().stream()
                .map(fanOut -> get(fanOut.id().toString()))
                .toList();
    }

    Announcement get(String id) {
        Progress progress = fanOuts.show(id);
        FanOut fanOut = progress.fanout();
        boolean running = fanOut.state().equals("running");
        return new Announcement(
                fanOut,
                progress.done(),
                progress.of(),
                progress.of() == 0 ? 100 : (int) (100 * progress.done() / progress.of()),
                Count.all(progress.counts()),
                !running && progress.done() == progress.of(),
                running,
                fanOut.state().equals("paused"));
    }
}

package routes.console;

import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;
import routes.mail.announcement.AnnouncementOperations;
import routes.mail.announcement.AnnouncementOperations.FanOut;
import routes.mail.announcement.AnnouncementOperations.Progress;

/** Announcements as pages show them. */
@Component
class Announcements {

    private static final int LATEST = 20;

    private final AnnouncementOperations announcements;

    Announcements(AnnouncementOperations announcements) {
        this.announcements = announcements;
    }

    /** A fan-out with its progress bar and the actions that are possible now. */
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

    /** The latest and those that are not done, newest first. */
    List<Announcement> latest() {
        return announcements.latestAndOpen(LATEST).stream()
                .map(Announcements::announcement)
                .toList();
    }

    Announcement get(UUID id) {
        return announcement(announcements.progress(id));
    }

    private static Announcement announcement(Progress progress) {
        FanOut fanOut = progress.fanout();
        return new Announcement(
                fanOut,
                progress.done(),
                progress.of(),
                progress.of() == 0 ? 100 : (int) (100 * progress.done() / progress.of()),
                Count.all(progress.counts()),
                progress.ended(),
                fanOut.running(),
                fanOut.paused());
    }
}

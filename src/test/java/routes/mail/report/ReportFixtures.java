package routes.mail.report;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.UUID;
import org.apache.camel.spi.Registry;
import routes.mail.BounceSettings;
import routes.mail.VerpFixtures;

/** Mails that come back, and who reads them. */
public final class ReportFixtures {

    /** The delivery that the mails in src/test/resources/reports are about. */
    public static final UUID DELIVERY = UUID.fromString("7f6c1a52-3b1d-4e9a-9c57-2d8e4f6a1b03");

    private ReportFixtures() {}

    /** A reader that knows the envelope senders in those mails. */
    public static ReportReader reader() {
        return new ReportReader(VerpFixtures.verp("bounces@bounce.example.com", VerpFixtures.SECRET));
    }

    /** A mailbox whose reports go to a stand-in. */
    public static BounceMailbox mailbox(MailReports reports) {
        return new BounceMailbox(reader(), reports);
    }

    /** A mailbox of which nothing was read yet. */
    public static ReadMails nothingRead() {
        return new ReadMails();
    }

    /** What the endpoint of the route refers to. */
    public static void bind(Registry registry, ReadMails read, BounceSettings settings, MeterRegistry metrics) {
        MailboxConfiguration configuration = new MailboxConfiguration();
        registry.bind("bouncesLogin", configuration.bouncesLogin(settings));
        registry.bind("bouncesIds", configuration.bouncesIds());
        registry.bind("bouncesRead", read);
        registry.bind("bouncesTrouble", configuration.bouncesTrouble(settings, metrics));
    }

    /** The header of a mail from a mail server. */
    static String header(String contentType) {
        return "From: MAILER-DAEMON@mx.example.net\nIn-Reply-To: <nobody@example.com>\nMIME-Version: 1.0\nContent-Type: %s\n\n"
                .formatted(contentType);
    }
}

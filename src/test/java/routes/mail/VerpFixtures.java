package routes.mail;

import java.util.Map;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Envelope senders for tests. */
public final class VerpFixtures {

    /** The secret of the envelope senders in src/test/resources/reports. */
    public static final String SECRET = "a-secret-that-only-the-tests-use-0001";

    private VerpFixtures() {}

    /**
     * Those of an address.
     *
     * @param secrets {@code mail.secrets}
     */
    public static Verp verp(String address, String secrets) {
        Binder settings = new Binder(new MapConfigurationPropertySource(Map.of(
                "bounces.verp-address",
                address,
                "mail.secrets",
                secrets,
                "mail.host",
                "localhost",
                "mail.from",
                "hello@example.com")));
        MailSettings mail = settings.bindOrCreate("mail", MailSettings.class);
        return new Verp(settings.bindOrCreate("bounces", BounceSettings.class), new MailSecrets(mail));
    }
}

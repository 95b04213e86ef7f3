package routes.mail.smtp;

import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import java.util.Properties;
import routes.mail.Addresses;
import routes.mail.MailSettings;
import routes.mail.MailSettings.Server;

/** The settings of a server as those of the library. */
final class SmtpSession {

    private SmtpSession() {}

    /** Of connections from this sender to this server. */
    static Session of(Server at, MailSettings settings, InternetAddress sender) {
        String timeout = String.valueOf(settings.timeout().toMillis());
        boolean starttls = at.starttls() && !at.implicitTls();
        Properties properties = new Properties();
        properties.put("mail.transport.protocol", "smtp");
        properties.put("mail.smtp.host", String.valueOf(at.host()));
        properties.put("mail.smtp.port", String.valueOf(at.port()));
        properties.put(
                "mail.smtp.localhost", settings.ehloName() == null ? Addresses.domain(sender) : settings.ehloName());
        properties.put("mail.smtp.auth", String.valueOf(at.username() != null));
        properties.put("mail.smtp.starttls.enable", String.valueOf(starttls));
        properties.put("mail.smtp.starttls.required", String.valueOf(starttls));
        properties.put("mail.smtp.ssl.enable", String.valueOf(at.implicitTls()));
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        properties.put("mail.smtp.connectiontimeout", timeout);
        properties.put("mail.smtp.timeout", timeout);
        properties.put("mail.smtp.writetimeout", timeout);
        properties.put(Sockets.PROPERTY, new Sockets());
        properties.put(Sockets.PROPERTY + ".fallback", "false");
        return Session.getInstance(properties);
    }
}

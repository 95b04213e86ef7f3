package routes.mail;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.UnsupportedEncodingException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;
import routes.position.Positions;

/**
 * Writes the mails: one method a mail, each from the delivery's event and the rows of the person and the campaign. Throws
 * {@link DeliveryException} where there is nobody to write to.
 */
@Component
public class Mails {

    private final People people;
    private final Positions positions;
    private final RewardTexts rewards;
    private final Templates templates;
    private final MailSettings settings;
    private final Session session;

    Mails(
            People people,
            Positions positions,
            RewardTexts rewards,
            Templates templates,
            MailSettings settings,
            PooledMailSender sender) {
        this.people = people;
        this.positions = positions;
        this.rewards = rewards;
        this.templates = templates;
        this.settings = settings;
        this.session = sender.getSession();
    }

    /** Welcome, after a sign-up. */
    public MimeMessage welcome(Delivery delivery) throws MessagingException {
        var data = (UserSignedUp) delivery.event().data();
        return toEventsPerson(delivery, data.userId(), data.email());
    }

    /** The address is verified. */
    public MimeMessage verified(Delivery delivery) throws MessagingException {
        var data = (UserVerified) delivery.event().data();
        return toEventsPerson(delivery, data.userId(), data.email());
    }

    /** To the referrer: somebody they brought proved to be real, and they moved up. */
    public MimeMessage positionUpdate(Delivery delivery) throws MessagingException {
        var data = (ReferralVerified) delivery.event().data();
        Person referrer = people.require(delivery.event(), data.referrerId());
        // Not the row's: this event may be here before the recalculation that it asks for.
        long position = positions.of(delivery.event(), data.referrerId());
        return mail(delivery, delivery.type(), referrer.at(position), Map.of());
    }

    /** A reward was earned; its delivery is another group's. */
    public MimeMessage rewardEarned(Delivery delivery) throws MessagingException {
        var data = (RewardEarned) delivery.event().data();
        Person person = people.require(delivery.event(), data.userId());
        return mail(delivery, delivery.type(), person, rewards.variables(data.campaignId(), data.rewardId()));
    }

    /** A milestone of the campaign, to one of its people. */
    public MimeMessage milestone(Delivery delivery) throws MessagingException {
        var data = (CampaignMilestoneReached) delivery.event().data();
        Person person = people.require(delivery.event(), delivery.recipient());
        return mail(
                delivery,
                delivery.type(),
                person,
                Map.of(
                        "milestone", data.milestone(),
                        "participant_count", String.format(Locale.ROOT, "%,d", data.participantCount())));
    }

    /**
     * The reward itself, delivered by mail.
     *
     * @param variables what the template says of the reward, such as its code
     */
    public MimeMessage reward(Delivery delivery, String userId, Map<String, Object> variables)
            throws MessagingException {
        Person person = people.require(delivery.event(), userId);
        return mail(delivery, "reward.delivered", person, variables);
    }

    /** Refuses an event of a type for which there is no mail. */
    public MimeMessage refuseType(Delivery delivery) {
        throw new DeliveryException.Permanent("no mail is written for events of the type " + delivery.type());
    }

    /** To the person whom an event names, at the address of their row; without a row at the event's. */
    private MimeMessage toEventsPerson(Delivery delivery, String userId, String email) throws MessagingException {
        Optional<Person> person = people.find(delivery.event(), userId);
        if (person.isPresent()) {
            return mail(delivery, delivery.type(), People.reachable(person.get()), Map.of());
        }
        Map<String, Object> variables = new HashMap<>();
        variables.put("email", email);
        return mail(delivery, delivery.type(), sender(null, null), address(email, null), variables);
    }

    private MimeMessage mail(Delivery delivery, String template, Person person, Map<String, Object> more)
            throws MessagingException {
        Map<String, Object> variables = new HashMap<>(more);
        variables.put("email", person.email());
        putIfPresent(variables, "first_name", person.firstName());
        putIfPresent(variables, "last_name", person.lastName());
        variables.put("position", person.position());
        variables.put("referral_code", person.referralCode());
        variables.put("referral_count", person.referralCount());
        variables.put("campaign_name", person.campaignName());
        variables.put("campaign_slug", person.campaignSlug());
        if (settings.referralLink() != null) {
            variables.put(
                    "referral_link",
                    settings.referralLink()
                            .replace("{campaign_slug}", urlEncoded(person.campaignSlug()))
                            .replace("{referral_code}", urlEncoded(person.referralCode())));
        }
        String name = person.firstName() == null
                ? null
                : (person.firstName() + " " + (person.lastName() == null ? "" : person.lastName())).strip();
        return mail(
                delivery,
                template,
                sender(person.fromName(), person.fromEmail()),
                address(person.email(), name),
                variables);
    }

    private MimeMessage mail(
            Delivery delivery, String template, InternetAddress from, InternetAddress to, Map<String, Object> variables)
            throws MessagingException {
        MimeMessage mail = new MimeMessage(session);
        mail.setFrom(from);
        mail.setRecipient(Message.RecipientType.TO, to);
        mail.setSubject(templates.subject(template, variables), StandardCharsets.UTF_8.name());
        mail.setSentDate(Date.from(Instant.now()));
        // RFC 3834, section 5: no vacation notice is to answer.
        mail.setHeader("Auto-Submitted", "auto-generated");
        // From the least to the most faithful form (RFC 2046, section 5.1.4).
        MimeMultipart alternatives = new MimeMultipart("alternative");
        alternatives.addBodyPart(part(templates.text(template, variables), "plain"));
        alternatives.addBodyPart(part(templates.html(template, variables), "html"));
        mail.setContent(alternatives);
        mail.saveChanges();
        // The same over all attempts, so that a server that has had the mail can know it again. After saveChanges,
        // which
        // would write one of its own.
        mail.setHeader("Message-ID", "<%s@%s>".formatted(delivery.id(), domain(from)));
        return mail;
    }

    private static MimeBodyPart part(String text, String subtype) throws MessagingException {
        MimeBodyPart part = new MimeBodyPart();
        part.setText(text, StandardCharsets.UTF_8.name(), subtype);
        return part;
    }

    /** The campaign's sender where it names one, else the settings'. Never an event's. */
    private InternetAddress sender(@Nullable String name, @Nullable String email) throws MessagingException {
        InternetAddress from = InternetAddress.parse(settings.from(), true)[0];
        if (email != null) {
            return address(email, name);
        }
        return name == null ? from : address(from.getAddress(), name);
    }

    private static InternetAddress address(String email, @Nullable String name) {
        try {
            InternetAddress address = new InternetAddress(email, true);
            if (name != null) {
                address.setPersonal(name.replaceAll("\\p{Cntrl}+", " "), StandardCharsets.UTF_8.name());
            }
            return address;
        } catch (MessagingException | UnsupportedEncodingException e) {
            throw new DeliveryException.Permanent(
                    "a mail address in the person's or the campaign's row is none", null, e);
        }
    }

    private static String domain(InternetAddress address) {
        return address.getAddress().substring(address.getAddress().indexOf('@') + 1);
    }

    private static String urlEncoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static void putIfPresent(Map<String, Object> variables, String name, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            variables.put(name, value.strip());
        }
    }
}

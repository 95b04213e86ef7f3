package routes.mail;

import jakarta.activation.DataHandler;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.util.ByteArrayDataSource;
import java.io.IOException;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.camel.component.mail.JavaMailSender;
import org.eclipse.angus.mail.smtp.SMTPMessage;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.event.EventData.CampaignMilestoneReached;
import routes.event.EventData.ReferralVerified;
import routes.event.EventData.RewardEarned;
import routes.event.EventData.UserSignedUp;
import routes.event.EventData.UserVerified;
import routes.event.Ids;
import routes.position.Positions;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * Writes the mails: one method per mail, each from the delivery's event and the rows of the person and the campaign. Throws
 * {@link DeliveryException} if there is nobody to write to.
 */
@OnRole({Role.EMAIL, Role.REWARD})
@Component
public class Mails {

    /** A header that only the mails of a {@linkplain #rehearsal rehearsal} have: the folder of the mail's templates. */
    public static final String REHEARSAL = "X-Rehearsal";

    /** Where the links to unsubscribe lead in a rehearsal: a name that is never resolved (RFC 6761, section 6.4). */
    private static final String NOWHERE = "https://rehearsal.invalid/unsubscribe";

    /** The headers that {@link #fields} has under names of their own, or that belong to the MIME form. */
    private static final String[] OWN_FIELDS = {
        "From", "To", "Subject", "Date", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"
    };

    private final People people;
    private final Positions positions;
    private final RewardTexts rewards;
    private final Templates templates;
    private final CampaignTemplates campaignTemplates;
    private final PositionWindow window;
    private final MailSettings settings;
    private final UnsubscribeTokens links;
    private final ReportsSettings reports;
    private final Verp verp;
    private final Session session;

    /** The sender of the settings. */
    private final InternetAddress sender;

    /** Whom the mails of a rehearsal go to; null for real ones. */
    private final @Nullable InternetAddress rehearsedTo;

    @Autowired
    Mails(
            People people,
            Positions positions,
            RewardTexts rewards,
            Templates templates,
            CampaignTemplates campaignTemplates,
            PositionWindow window,
            MailSettings settings,
            UnsubscribeTokens links,
            ReportsSettings reports,
            Verp verp,
            JavaMailSender sender) {
        this.people = people;
        this.positions = positions;
        this.rewards = rewards;
        this.templates = templates;
        this.campaignTemplates = campaignTemplates;
        this.window = window;
        this.settings = settings;
        this.links = links;
        this.reports = reports;
        this.verp = verp;
        this.session = sender.getSession();
        this.sender = settings.sender();
        this.rehearsedTo = null;
    }

    private Mails(Mails real, InternetAddress rehearsedTo) {
        this.people = real.people;
        this.positions = real.positions;
        this.rewards = real.rewards;
        this.templates = real.templates;
        this.campaignTemplates = real.campaignTemplates;
        this.window = real.window;
        this.settings = real.settings;
        this.links = real.links;
        this.reports = real.reports;
        this.verp = real.verp;
        this.session = real.session;
        this.sender = real.sender;
        this.rehearsedTo = rehearsedTo;
    }

    /** The same mails, but all go to one address, are marked as a rehearsal, and have links that unsubscribe nobody. */
    public Mails rehearsal(InternetAddress to) {
        return new Mails(this, to);
    }

    /** Welcome, after a sign-up. */
    public MimeMessage welcome(Delivery delivery) throws MessagingException {
        var data = (UserSignedUp) delivery.event().data();
        return toEventsPerson(delivery, Mail.WELCOME, data.userId(), data.email());
    }

    /** Confirms a verified address. */
    public MimeMessage verified(Delivery delivery) throws MessagingException {
        var data = (UserVerified) delivery.event().data();
        return toEventsPerson(delivery, Mail.VERIFIED, data.userId(), data.email());
    }

    /** Tells referrers that a person they referred was verified, and that they moved up. */
    public MimeMessage positionUpdate(Delivery delivery) throws MessagingException {
        var data = (ReferralVerified) delivery.event().data();
        Person referrer = people.require(delivery, data.referrerId());
        int friends = window.friends(delivery);
        // Not the row's position: the event may be handled before its recalculation.
        long position = positions.of(delivery.event(), data.referrerId());
        long before = positions.of(delivery.event(), data.referrerId(), friends);
        Map<String, Object> variables = new HashMap<>();
        Person.putPosition(variables, position);
        if (before != position) {
            variables.put("old_position", before);
        }
        if (friends > 1) {
            variables.put("friend_count", friends);
        }
        return mail(delivery, Mail.POSITION_UPDATE, referrer, variables);
    }

    /** Announces an earned reward; another group delivers it. */
    public MimeMessage rewardEarned(Delivery delivery) throws MessagingException {
        var data = (RewardEarned) delivery.event().data();
        Person person = people.require(delivery, data.userId());
        return mail(delivery, Mail.REWARD_EARNED, person, rewards.variables(delivery, data));
    }

    /** Announces a reward that nobody need have earned, for a rehearsal. */
    public MimeMessage rewardExample(Delivery delivery, String userId, Map<String, Object> variables)
            throws MessagingException {
        return mail(delivery, Mail.REWARD_EARNED, people.require(delivery, userId), variables);
    }

    /** Announces a milestone of the campaign to one of its people. */
    public MimeMessage milestone(Delivery delivery) throws MessagingException {
        var data = (CampaignMilestoneReached) delivery.event().data();
        Person person = people.require(delivery, delivery.recipient());
        Locale language = Locale.forLanguageTag(templates.language(Mail.MILESTONE, person.locale()));
        return mail(
                delivery,
                Mail.MILESTONE,
                person,
                Map.of(
                        "milestone", data.milestone(),
                        "participant_count", String.format(language, "%,d", data.participantCount())));
    }

    /**
     * Delivers a reward by mail.
     *
     * @param variables the template variables of the reward, such as its code
     */
    public MimeMessage reward(Delivery delivery, String userId, Map<String, Object> variables)
            throws MessagingException {
        return mail(delivery, Mail.REWARD, people.require(delivery, userId), variables);
    }

    /** Refuses an event of a type for which there is no mail. */
    public MimeMessage refuseType(Delivery delivery) {
        throw new DeliveryException.Permanent("there is no mail for events of the type " + delivery.type());
    }

    /** To the person in the event, at the address of their row; without a row, at the event's address. */
    private MimeMessage toEventsPerson(Delivery delivery, Mail mail, String userId, String email)
            throws MessagingException {
        Optional<Person> person = people.find(delivery.event(), userId);
        if (person.isPresent()) {
            return mail(delivery, mail, People.reachable(person.get()), Map.of());
        }
        return mail(
                delivery,
                mail,
                sender(null, null),
                address(email, null, "the event"),
                new HashMap<>(Map.of("email", Person.line(email))),
                null,
                Optional.empty());
    }

    private MimeMessage mail(Delivery delivery, Mail mail, Person person, Map<String, Object> more)
            throws MessagingException {
        Map<String, Object> variables = person.variables();
        if (settings.referralLink() != null) {
            variables.put("referral_link", person.inUrl(settings.referralLink()));
        }
        variables.putAll(more);
        return mail(
                delivery,
                mail,
                sender(person.fromName(), person.fromEmail()),
                address(person.email(), person.name(), "the person's row"),
                variables,
                person.locale(),
                Unsubscribing.url(person));
    }

    private MimeMessage mail(
            Delivery delivery,
            Mail mail,
            InternetAddress from,
            InternetAddress to,
            Map<String, Object> variables,
            @Nullable String locale,
            Optional<String> campaignsUrl)
            throws MessagingException {
        Optional<String> unsubscribing = campaignsUrl
                .or(() -> links.url(delivery.id(), delivery.event().campaignId(), to.getAddress()))
                .map(url -> rehearsedTo == null ? url : NOWHERE);
        unsubscribing.ifPresent(url -> variables.put("unsubscribe_url", url));
        CampaignTemplates.Own own = campaignTemplates.of(delivery.event().campaignId(), mail, locale);
        Templates.Written written = templates.write(mail, own.locale(), own.parts(), variables);
        SMTPMessage message = new SMTPMessage(session);
        verp.sender(delivery.id()).ifPresent(message::setEnvelopeFrom);
        message.setFrom(from);
        message.setRecipient(Message.RecipientType.TO, rehearsedTo == null ? to : rehearsedTo);
        message.setSubject(
                (rehearsedTo == null ? "" : "[Rehearsal] ") + written.subject(), StandardCharsets.UTF_8.name());
        if (rehearsedTo != null) {
            message.setHeader(REHEARSAL, mail.folder());
        }
        message.setHeader("Content-Language", written.language());
        message.setSentDate(Date.from(Instant.now()));
        // RFC 3834, section 5: prevents vacation notices.
        message.setHeader("Auto-Submitted", "auto-generated");
        for (Map.Entry<String, String> header : reports.headers(delivery.id()).entrySet()) {
            message.setHeader(header.getKey(), header.getValue());
        }
        if (unsubscribing.isPresent()) {
            // RFC 2369, section 3.2, and RFC 8058: mail clients show a button, and post to the URL when it is pressed.
            message.setHeader("List-Unsubscribe", "<%s>".formatted(unsubscribing.get()));
            message.setHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }
        // From the plainest to the richest form (RFC 2046, section 5.1.4).
        MimeMultipart alternatives = new MimeMultipart("alternative");
        alternatives.addBodyPart(part(written.text(), "plain"));
        alternatives.addBodyPart(part(written.html(), "html"));
        message.setContent(alternatives);
        message.saveChanges();
        // The same for all attempts, so that a server can recognize a repeat. Set after saveChanges, which would
        // generate
        // one.
        message.setHeader("Message-ID", "<%s@%s>".formatted(delivery.id(), Addresses.domain(from)));
        return message;
    }

    /**
     * A mail that this service wrote, for providers that take JSON: {@code from}, {@code to}, {@code subject}, {@code text}, {@code html},
     * and {@code headers}, a map of the others, such as {@code Message-Id} and {@code List-Unsubscribe}.
     */
    public static Map<String, Object> fields(MimeMessage mail) throws MessagingException, IOException {
        MimeMultipart alternatives = (MimeMultipart) mail.getContent();
        Map<String, Object> headers = new LinkedHashMap<>();
        Collections.list(mail.getNonMatchingHeaders(OWN_FIELDS))
                .forEach(header -> headers.put(header.getName(), header.getValue()));
        return Map.of(
                "from", InternetAddress.toUnicodeString(mail.getFrom()),
                "to", InternetAddress.toUnicodeString(mail.getRecipients(Message.RecipientType.TO)),
                "subject", mail.getSubject(),
                "text", alternatives.getBodyPart(0).getContent(),
                "html", alternatives.getBodyPart(1).getContent(),
                "headers", headers);
    }

    /** The delivery that a mail is of, by its Message-ID; empty if this service did not write it. */
    public static Optional<UUID> delivery(MimeMessage mail) throws MessagingException {
        return delivery(String.valueOf(mail.getMessageID()));
    }

    /** The delivery that a Message-ID, such as {@code <uuid@example.com>}, is of; empty if this service did not write it. */
    public static Optional<UUID> delivery(String messageId) {
        String id = messageId.strip().replaceFirst("^<", "").replaceFirst("(?s)[@>].*", "");
        return Ids.isUuid(id) ? Optional.of(UUID.fromString(id)) : Optional.empty();
    }

    /** A body part of bytes. One of characters is written to the connection byte by byte, which took a quarter of the time of a mail. */
    private static MimeBodyPart part(String text, String subtype) throws MessagingException {
        MimeBodyPart part = new MimeBodyPart();
        part.setDataHandler(new DataHandler(new ByteArrayDataSource(
                text.getBytes(StandardCharsets.UTF_8), "text/%s; charset=UTF-8".formatted(subtype))));
        return part;
    }

    /** The campaign's sender if it has one, otherwise that of the settings. Never one from an event. */
    private InternetAddress sender(@Nullable String name, @Nullable String email) throws MessagingException {
        if (email != null && !email.isBlank()) {
            return address(email, name, "from_email of the campaign's email_config");
        }
        return name == null ? sender : address(sender.getAddress(), name, "mail.from");
    }

    private static InternetAddress address(String email, @Nullable String name, String where) {
        try {
            InternetAddress address = new InternetAddress(Addresses.ascii(email), true);
            if (name != null) {
                address.setPersonal(Person.line(name), StandardCharsets.UTF_8.name());
            }
            return address;
        } catch (MessagingException | UnsupportedEncodingException e) {
            throw new DeliveryException.Permanent(
                    "the mail address of %s cannot be used: %s".formatted(where, e.getMessage()), null, e);
        }
    }
}

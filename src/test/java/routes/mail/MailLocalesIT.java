package routes.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import routes.OnPlatform;
import routes.TestCampaign;
import routes.dev.Inbox;
import routes.dev.ReceivedMail;
import routes.event.EventData.UserSignedUp;
import routes.event.EventPublisher;
import routes.event.Events;

/** Mails in the language of the person. */
@OnPlatform
@ExtendWith(TestCampaign.OfEachTest.class)
class MailLocalesIT {

    @Autowired
    private EventPublisher publisher;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private Inbox inbox;

    private TestCampaign campaign;

    /** A deployment that keeps the language of a person, here in their last name. */
    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        Path own = Path.of("target", "mail-locales-it-sql");
        MailIT.delete(own);
        MailIT.copy(Path.of("src/main/resources/sql/mail/person.sql"), own.resolve("mail/person.sql"));
        MailIT.change(
                own.resolve("mail/person.sql"),
                "c.email_config ->> 'locale' AS",
                "COALESCE(u.last_name, c.email_config ->> 'locale') AS");
        registry.add("sql.location", () -> own.toUri().toString());
        registry.add("mail.templates", () -> "examples/mail");
    }

    @Test
    void aPersonGetsMailInTheirLanguage() throws Exception {
        UUID person = campaign.person();
        jdbc.sql("UPDATE waitlist_users SET last_name = 'de-AT' WHERE id = ?")
                .param(person)
                .update();

        ReceivedMail mail = welcome(person);

        assertThat(mail.subject()).isEqualTo("Willkommen bei A test");
        assertThat(mail.text()).contains("Hallo", "Sie stehen auf der Liste", "Sie erhalten diese Mail");
        assertThat(mail.html()).contains("lang=\"de\"").doesNotContain("You are receiving");
        assertThat(mail.headers()).contains("Content-Language: de");
    }

    @Test
    void aPersonWithoutALanguageGetsThatOfTheCampaignOrEnglish() throws Exception {
        assertThat(welcome(campaign.person()))
                .satisfies(mail -> assertThat(mail.subject()).isEqualTo("Welcome to A test"))
                .satisfies(mail -> assertThat(mail.headers()).contains("Content-Language: en"));

        jdbc.sql("UPDATE campaigns SET email_config = '{\"locale\": \"de\"}' WHERE id = ?")
                .param(campaign.id())
                .update();
        assertThat(welcome(campaign.person()).subject()).isEqualTo("Willkommen bei A test");
    }

    private ReceivedMail welcome(UUID person) throws Exception {
        inbox.clear();
        publisher.publish(
                Events.of(new UserSignedUp(person.toString(), campaign.id().toString(), Events.email())));
        await().until(() -> !inbox.list().isEmpty());
        return inbox.list().get(0);
    }
}

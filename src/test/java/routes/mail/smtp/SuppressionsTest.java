package routes.mail.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.retry.RetryTemplate;
import routes.delivery.DeliverySettings;
import routes.event.Sha256;
import routes.mail.MailSecrets;
import routes.mail.MailSettings;
import routes.settings.Statements;

/** What stands for an address in the tables, while secrets change. */
class SuppressionsTest {

    private static final String OLD = "the-old-secret-of-32-characters-";
    private static final String NEW = "the-new-secret-of-32-characters-";

    @Test
    void aNewSecretMakesNewDigestsAndThoseOfTheOldOneAreStillFound() {
        Suppressions before = suppressions(OLD);
        Suppressions after = suppressions(NEW + "," + OLD);

        assertThat(after.digest("ada@example.com")).isNotEqualTo(before.digest("ada@example.com"));
        assertThat(after.digests("ada@example.com"))
                .containsExactly(
                        after.digest("ada@example.com"),
                        before.digest("ada@example.com"),
                        Sha256.hex("ada@example.com"));
        assertThat(suppressions(NEW).digests("ada@example.com")).doesNotContain(before.digest("ada@example.com"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ada@xn--bcher-kva.example", " Ada@B\u00fccher.example ", "ADA@b\u00fccher.EXAMPLE"})
    void anAddressHasTheSameDigestHoweverItIsWritten(String written) {
        Suppressions some = suppressions(OLD);

        assertThat(some.digest(written)).isEqualTo(some.digest("ada@xn--bcher-kva.example"));
        assertThat(some.digest("ada+1@xn--bcher-kva.example")).isNotEqualTo(some.digest(written));
    }

    @Test
    void withoutASecretNothingIsWritten() {
        assertThatThrownBy(() -> suppressions("").digest("ada@example.com")).hasMessageContaining("mail.secrets");
    }

    @Test
    void withoutASecretNoAddressIsLookedUp() {
        assertThatThrownBy(() -> suppressions("").digests("ada@example.com"))
                .as("the bare hash finds nothing that was written with a secret")
                .hasMessageContaining("ask one with the role email or reward");
    }

    private static Suppressions suppressions(String secrets) {
        Binder binder = new Binder(new MapConfigurationPropertySource(
                Map.of("mail.host", "localhost", "mail.from", "a@example.com", "mail.secrets", secrets)));
        MailSettings settings = binder.bindOrCreate("mail", MailSettings.class);
        try (AnnotationConfigApplicationContext beans = new AnnotationConfigApplicationContext()) {
            beans.registerBean(MailSettings.class, () -> settings);
            beans.register(MailSecrets.class);
            beans.refresh();
            return new Suppressions(
                    new RetryTemplate(),
                    settings,
                    beans.getBean(MailSecrets.class),
                    binder.bindOrCreate("deliveries", DeliverySettings.class),
                    Mockito.mock(Statements.class));
        }
    }
}

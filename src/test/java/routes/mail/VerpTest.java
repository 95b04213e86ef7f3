package routes.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class VerpTest {

    private static final String OLDER = "an-older-secret-of-the-tests-of-verp";

    private final UUID delivery = UUID.randomUUID();
    private final Verp verp = VerpFixtures.verp("bounces@bounce.example.com", VerpFixtures.SECRET);

    @Test
    void aMailHasAnAddressOfItsOwnThatSaysWhichItIs() {
        String address = verp.sender(delivery).orElseThrow();

        assertThat(address).startsWith("bounces+" + delivery + "-").endsWith("@bounce.example.com");
        assertThat(verp.delivery("Bounces <" + address + ">, other@example.com"))
                .contains(delivery);
        assertThat(verp.sender(UUID.randomUUID())).isNotEqualTo(verp.sender(delivery));
    }

    @Test
    void theLongestFitsIntoALocalPart() {
        String address = VerpFixtures.verp("b".repeat(14) + "@bounce.example.com", VerpFixtures.SECRET)
                .sender(delivery)
                .orElseThrow();

        assertThat(address.indexOf('@')).isEqualTo(64);
    }

    @Test
    void serversMayChangeTheCase() {
        assertThat(verp.delivery(verp.sender(delivery).orElseThrow().toUpperCase(Locale.ROOT)))
                .contains(delivery);
    }

    @Test
    void aTagOfSomebodyElseIsNotBelieved() {
        String forged = VerpFixtures.verp("bounces@bounce.example.com", OLDER)
                .sender(delivery)
                .orElseThrow();
        String other = verp.sender(UUID.randomUUID()).orElseThrow();

        assertThat(verp.delivery(forged)).isEmpty();
        assertThat(verp.delivery(other.replaceFirst("\\+.{36}", "+" + delivery)))
                .isEmpty();
        assertThat(verp.delivery("bounces+%s@bounce.example.com".formatted(delivery)))
                .isEmpty();
    }

    @Test
    void whatWasSentWithTheSecretBeforeIsStillRecognized() {
        String before = VerpFixtures.verp("bounces@bounce.example.com", OLDER)
                .sender(delivery)
                .orElseThrow();

        assertThat(VerpFixtures.verp("bounces@bounce.example.com", VerpFixtures.SECRET + "," + OLDER)
                        .delivery(before))
                .contains(delivery);
    }

    @Test
    void withoutTheSettingNothingChanges() {
        assertThat(VerpFixtures.verp("", VerpFixtures.SECRET).sender(delivery)).isEmpty();
    }
}

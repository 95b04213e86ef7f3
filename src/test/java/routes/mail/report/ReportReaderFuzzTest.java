package routes.mail.report;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Locale;

/** A mail that somebody sends to the mailbox. */
class ReportReaderFuzzTest {

    private final ReportReader reader = ReportFixtures.reader();

    @FuzzTest
    void isReadOrNotAndReportsOnlyAMailThatItNames(byte[] mail) {
        var reading = reader.read(mail);

        assertThat(reading.kind()).matches("[a-z_]{1,20}");
        if (reading.report() != null) {
            String delivery = reading.report().delivery().toString();
            String text = new String(mail, ISO_8859_1).replace("\r", "").toLowerCase(Locale.ROOT);
            boolean encoded = text.contains("base64") || text.contains("quoted-printable") || text.contains("uuencode");
            assertThat(encoded || text.contains(delivery)).isTrue();
            assertThat(reading.report().id()).hasSize(64);
            assertThat(reading.report().reason()).hasSizeLessThanOrEqualTo(500).doesNotContain("\0");
            String recipient = reading.report().recipient();
            assertThat(recipient == null || recipient.matches("[^\\s<>@]{1,64}@[^\\s<>@]{1,255}"))
                    .isTrue();
        }
    }
}

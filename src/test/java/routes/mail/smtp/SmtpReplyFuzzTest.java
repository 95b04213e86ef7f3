package routes.mail.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Objects;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;

/** What an SMTP server answers. The input is the command in the first line, and the answer behind it. */
class SmtpReplyFuzzTest {

    @FuzzTest
    void isToldFromItsCode(byte[] input) throws Exception {
        String[] lines = new String(input, ISO_8859_1).split("\n", 2);
        String answer = lines.length < 2 ? "" : lines[1];
        int code = answer.matches("(?s)\\d{3}.*") ? Integer.parseInt(answer.substring(0, 3)) : SmtpReply.HUNG_UP;

        SmtpReply refusal = Objects.requireNonNull(
                SmtpReply.of(new SMTPSendFailedException(lines[0], code, answer, new Exception(), null, null, null)));

        if (refusal.about() == SmtpReply.About.MAILBOX) {
            assertThat(refusal.isFinal()).isTrue();
        }
        if (refusal.isFinal()) {
            assertThat(code).isGreaterThanOrEqualTo(500);
            assertThat(refusal.isEndOfConversation()).isFalse();
        }
    }
}

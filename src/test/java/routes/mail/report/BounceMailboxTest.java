package routes.mail.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.QueryTimeoutException;

class BounceMailboxTest {

    private final MailReports reports = Mockito.mock(MailReports.class);
    private final BounceMailbox mailbox = new BounceMailbox(ReportFixtures.reader(), reports);
    private final MailReport report = new MailReport(
            "mailbox",
            "1",
            MailReport.Kind.HARD_BOUNCE,
            ReportFixtures.DELIVERY,
            null,
            "5.1.1",
            "550 5.1.1 no such user");

    @Test
    void aReportIsActedOn() {
        given(reports.take(report)).willReturn(true);

        assertThat(mailbox.settle(Reading.of(report))).isTrue();

        verify(reports, never()).count(any(), any()); // but by what acts on it
    }

    @Test
    void aReportAboutNoMailOfThisServiceIsKept() {
        assertThat(mailbox.settle(Reading.of(report))).isFalse();

        verify(reports).count("mailbox", "not_understood");
    }

    @Test
    void whatIsNoReportHasNoEffect() {
        assertThat(mailbox.settle(Reading.autoReply("Out of office"))).isTrue();
        assertThat(mailbox.settle(Reading.noFailure("delayed"))).isTrue();
        assertThat(mailbox.settle(Reading.notUnderstood("a letter"))).isFalse();

        verify(reports, never()).take(any());
        verify(reports).count("mailbox", "auto_reply");
        verify(reports).count("mailbox", "no_failure");
        verify(reports).count("mailbox", "not_understood");
    }

    @Test
    void whileTheDatabaseDoesNotAnswerTheMailIsReadAgain() {
        given(reports.take(report)).willThrow(new QueryTimeoutException("down"));

        assertThatThrownBy(() -> mailbox.settle(Reading.of(report))).isInstanceOf(QueryTimeoutException.class);

        verify(reports, never()).count(any(), any());
    }

    @Test
    void aReportThatTheDatabaseRefusesIsNotReadForever() {
        given(reports.take(report))
                .willThrow(new DataIntegrityViolationException("too long", new SQLException("too long", "22001")));

        assertThat(mailbox.settle(Reading.of(report))).isFalse();
    }

    @Test
    void nothingIsFetchedOfAMailThatIsTooLarge() throws Exception {
        MimeMessage mail = new MimeMessage(null, new ByteArrayInputStream("Subject: large\n\n".getBytes(UTF_8))) {
            @Override
            public int getSize() {
                return 100 * 1024 * 1024;
            }

            @Override
            public void writeTo(java.io.OutputStream out) {
                throw new AssertionError("it is fetched");
            }
        };

        Reading reading = mailbox.read(mail);

        assertThat(reading.isUnderstood()).isFalse();
        assertThat(reading.reason()).contains("104857600 bytes");
    }
}

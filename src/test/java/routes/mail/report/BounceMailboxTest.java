package routes.mail.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.QueryTimeoutException;

class BounceMailboxTest {

    private final MailReports reports = Mockito.mock(MailReports.class);
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final BounceMailbox mailbox = new BounceMailbox(ReportFixtures.reader(), reports, metrics);
    private final MailReport report = new MailReport(
            "mailbox",
            "1",
            MailReport.Kind.HARD_BOUNCE,
            ReportFixtures.DELIVERY,
            null,
            "5.1.1",
            "550 5.1.1 no such user");

    @Test
    void aReportIsActedOnAndCounted() {
        given(reports.take(report)).willReturn(true);

        assertThat(mailbox.settle(Reading.of(report))).isTrue();

        assertThat(count("hard_bounce")).isEqualTo(1);
    }

    @Test
    void aReportAboutNoMailOfThisServiceIsKept() {
        assertThat(mailbox.settle(Reading.of(report))).isFalse();

        assertThat(count("hard_bounce")).isZero();
        assertThat(count("not_understood")).isEqualTo(1);
    }

    @Test
    void whatIsNoReportHasNoEffect() {
        assertThat(mailbox.settle(Reading.autoReply("Out of office"))).isTrue();
        assertThat(mailbox.settle(Reading.noFailure("delayed"))).isTrue();
        assertThat(mailbox.settle(Reading.notUnderstood("a letter"))).isFalse();

        verify(reports, never()).take(any());
        assertThat(count("auto_reply") + count("no_failure") + count("not_understood"))
                .isEqualTo(3);
    }

    @Test
    void whileTheDatabaseDoesNotAnswerTheMailIsReadAgain() {
        given(reports.take(report)).willThrow(new QueryTimeoutException("down"));

        assertThatThrownBy(() -> mailbox.settle(Reading.of(report))).isInstanceOf(QueryTimeoutException.class);

        assertThat(metrics.getMeters()).isEmpty();
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

    private double count(String kind) {
        return metrics.counter("domain.events.mail.reports", "source", "mailbox", "kind", kind)
                .count();
    }
}

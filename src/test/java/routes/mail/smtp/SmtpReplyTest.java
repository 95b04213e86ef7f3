package routes.mail.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import routes.mail.smtp.SmtpReply.About;

/** Answers of SMTP servers as their documentation, or their source, has them. */
class SmtpReplyTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Postfix
                "RCPT | 550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown in local recipient table | MAILBOX",
                "RCPT | 550 5.1.0 <hello@demo.example>: Sender address rejected: User unknown in virtual mailbox table | SENDER",
                "RCPT | 450 4.1.8 <hello@demo.example>: Sender address rejected: Domain not found | SENDER",
                "RCPT | 504 5.5.2 <pod-1>: Helo command rejected: need fully-qualified hostname | CLIENT",
                "RCPT | 450 4.7.1 <pod-1.example>: Helo command rejected: Host not found | CLIENT",
                "RCPT | 450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1] | CLIENT",
                "RCPT | 554 5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied | CLIENT",
                "RCPT | 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org | CLIENT",
                "RCPT | 454 4.7.1 <ada@example.com>: Relay access denied | CLIENT",
                "RCPT | 452 4.2.2 <ada@example.com>: Recipient address rejected: mailbox is full | MAIL",
                "RCPT | 450 4.2.0 <ada@example.com>: Recipient address rejected: Greylisted | MAIL",
                "RCPT | 554 5.7.1 <ada@example.com>: Recipient address rejected: Access denied | MAIL",
                "connect | 535 5.7.8 Error: authentication failed: | CLIENT",
                // Exchange and Exchange Online
                "RCPT | 550 5.1.0 Sender denied | SENDER",
                "RCPT | 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup | MAILBOX",
                "RCPT | 550 5.4.1 Recipient address rejected: Access denied. [EX.prod.outlook.com] | MAILBOX",
                "RCPT | 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain | CLIENT",
                "MAIL | 530 5.7.57 Client not authenticated to send mail. | CLIENT",
                "END | 550 5.7.60 SMTP; Client does not have permissions to send as this sender | SENDER",
                "RCPT | 550 5.7.606 Access denied, banned sending IP [192.0.2.1] | CLIENT",
                "END | 550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP | CLIENT",
                "END | 550 5.7.509 Access denied, sending domain demo.example does not pass DMARC verification | SENDER",
                "RCPT | 550 5.7.1 RESOLVER.RST.AuthRequired; authentication required | MAIL",
                "RCPT | 550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). | MAIL",
                // Gmail
                "RCPT | 550-5.1.1 The email account that you tried to reach does not exist. Please try | MAILBOX",
                "RCPT | 550 5.2.1 The email account that you tried to reach is disabled. | MAILBOX",
                "RCPT | 552-5.2.2 The email account that you tried to reach is over quota. | MAIL",
                "END | 550-5.7.26 This mail has been blocked because the sender is unauthenticated. | SENDER",
                "END | 550-5.4.5 Daily user sending limit exceeded. | CLIENT",
                "END | 550 5.7.1 The message you have sent is likely unsolicited mail. | MAIL",
                "connect | 535-5.7.8 Username and Password not accepted. | CLIENT",
                // Exim
                "RCPT | 550 Unrouteable address | MAILBOX",
                "RCPT | 550 No Such User Here | MAILBOX",
                "RCPT | 550 relay not permitted | CLIENT",
                "RCPT | 550 Sender verify failed | SENDER",
                // Yahoo
                "END | 554 delivery error: dd This user doesn't have a yahoo.com account (ada@yahoo.com) [0] | MAILBOX",
                "END | 554 5.7.9 Message not accepted for policy reasons. | MAIL",
                "MAIL | 553 5.7.2 [TSS09] All messages from 192.0.2.1 will be permanently deferred | SENDER",
                // Amazon SES, Sendmail, qmail
                "END | 454 Throttling failure: Maximum sending rate exceeded. | CLIENT",
                "RCPT | 550 5.1.1 ada@example.com... User unknown | MAILBOX",
                "RCPT | 550 sorry, no mailbox here by that name. (#5.1.1) | MAILBOX",
                // what people may call themselves decides nothing
                "RCPT | 550 5.1.1 <sender@example.com>: user unknown | MAILBOX",
                "RCPT | 550 5.1.1 sender.denied@sender.example: user unknown | MAILBOX",
                // it may be there in a minute, as Postfix says while a table is being written
                "RCPT | 450 <ada@example.com>: Recipient address rejected: User unknown in local recipient table | MAIL",
                "RCPT | 421 4.7.0 [TSS04] temporarily deferred | SERVER"
            })
    void knowsWhomAnAnswerIsAbout(String command, String text, About about) {
        SmtpReply refusal = new SmtpReply(
                Integer.parseInt(text.substring(0, 3)), text, command.equals("connect") ? SmtpReply.CONNECT : command);

        assertThat(refusal.about()).isEqualTo(about);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5.1.", "sender ", "user doesn't have a ", "x", " ", "@", "550 5.1.1"})
    void isLinearInTheAnswer(String some) {
        SmtpReply refusal = new SmtpReply(550, "550 " + some.repeat(1_000_000 / some.length()), "RCPT");

        // Milliseconds, or for a busy machine seconds; if it were quadratic, it would be hours.
        assertTimeoutPreemptively(Duration.ofMinutes(1), refusal::about);
    }

    @Test
    void saysWhatTheServerSaid() {
        assertThat(new SmtpReply(550, "550 5.1.1 no such user\n", "RCPT").reason())
                .isEqualTo("the SMTP server refused the recipient: 550 5.1.1 no such user");
    }
}

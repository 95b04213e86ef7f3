package routes.mail.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The mails in src/test/resources/reports. Their first line says what is to be read: what it is, and, of a report, the enhanced status
 * code and the recipient.
 */
class ReportReaderTest {

    private static final Path REPORTS = Path.of("src/test/resources/reports");

    private final ReportReader reader = ReportFixtures.reader();

    static List<Path> reports() throws IOException {
        try (Stream<Path> files = Files.list(REPORTS)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("reports")
    void readsWhatItSays(Path file) throws Exception {
        Reading reading = reader.read(Files.readAllBytes(file));

        assertThat(said(reading))
                .as("%s: %s", file.getFileName(), reading.reason())
                .isEqualTo(expected(file));
        if (reading.report() != null) {
            assertThat(reading.report().delivery()).isEqualTo(ReportFixtures.DELIVERY);
            assertThat(reading.report().id()).matches("[0-9a-f]{64}");
            assertThat(reading.report().reason()).isNotBlank().doesNotContainPattern("\\p{Cntrl}");
        }
    }

    /** The log has what is kept, and nothing of what somebody writes. */
    @ParameterizedTest
    @ValueSource(strings = {"From: max@example.com", "From: MAILER-DAEMON@example.com"})
    void ofALetterThatIsNotUnderstoodNothingIsQuoted(String from) {
        Reading reading = reader.read(
                (from + "\r\nTo: bounces@demo.example\r\nSubject: Refund for Max Mustermann\r\n\r\nHello\r\n")
                        .getBytes(StandardCharsets.US_ASCII));

        assertThat(reading.isUnderstood()).isFalse();
        assertThat(reading.reason()).doesNotContain("Mustermann");
    }

    private static String expected(Path file) throws IOException {
        return Files.readAllLines(file).get(0).replace("X-Expect: ", "");
    }

    private static String said(Reading reading) {
        MailReport report = reading.report();
        return report == null
                ? reading.kind()
                : "%s %s %s"
                        .formatted(
                                report.kind().name().toLowerCase(Locale.ROOT),
                                report.code() == null ? "-" : report.code(),
                                report.recipient() == null ? "-" : report.recipient());
    }

    @Test
    void thereAreManyShapesAndNoOtherSuppresses() throws Exception {
        assertThat(reports()).hasSizeGreaterThanOrEqualTo(60);
        assertThat(reports())
                .filteredOn(
                        file -> file.getFileName().toString().matches("(auto|list|spoofed|person|spam|bounce-of).*"))
                .hasSizeGreaterThan(25)
                .allSatisfy(
                        file -> assertThat(reader.read(Files.readAllBytes(file)).report())
                                .isNull());
    }

    @Test
    void theSameMailHasTheSameIdAndAnotherHasAnother() throws Exception {
        byte[] mail = Files.readAllBytes(REPORTS.resolve("dsn-postfix-user-unknown.eml"));
        String moved =
                "Received: from elsewhere.example.com; Sun, 29 Nov 2026 01:00:00 +0000\n" + new String(mail, UTF_8);
        String other = new String(mail, UTF_8).replace("User unknown", "No such user");

        assertThat(id(reader.read(moved.getBytes(UTF_8)))).isEqualTo(id(reader.read(mail)));
        assertThat(id(reader.read(other.getBytes(UTF_8)))).isNotEqualTo(id(reader.read(mail)));
    }

    private static String id(Reading reading) {
        return Objects.requireNonNull(reading.report()).id();
    }

    @Test
    void theLineEndsOfTheNetworkChangeNothing() throws Exception {
        for (Path file : reports()) {
            String network = Files.readString(file).replace("\r", "").replace("\n", "\r\n");

            assertThat(said(reader.read(network.getBytes(UTF_8))))
                    .as(file.toString())
                    .isEqualTo(expected(file));
        }
    }

    @Test
    void manyPartsAreNotLookedAt() {
        assertThat(read(ReportFixtures.header("multipart/mixed; boundary=b") + "--b\n\nx\n".repeat(100_000)))
                .isFalse();
    }

    @Test
    void deepNestingIsNotFollowed() {
        StringBuilder mail = new StringBuilder(ReportFixtures.header("multipart/mixed; boundary=b0"));
        for (int depth = 0; depth < 10_000; depth++) {
            mail.append("--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n".formatted(depth, depth + 1));
        }

        assertThat(read(mail.toString())).isFalse();
    }

    @Test
    void textThatIsMadeToTakeLongDoesNot() {
        for (String unit : List.of(
                "5.1.1.",
                "550 ",
                "<",
                "> ",
                "- ",
                "a@",
                "Message-ID: <",
                "\n\n ",
                "\n ",
                "=?q?",
                "mail.delivery",
                "microsoftexchange",
                ";a=b",
                "+" + ReportFixtures.DELIVERY)) {
            String many = unit.repeat(1_000_000 / unit.length());
            String words = "x" + many.replaceAll("\n+", "\n");
            String fitting = words.substring(0, 200_000);
            String bounce = ReportFixtures.header("text/plain") + "550 5.1.1 no such user";

            for (String mail : List.of(
                    ReportFixtures.header("text/plain") + many,
                    ReportFixtures.header("message/delivery-status") + many,
                    "Subject: " + words + "\n" + ReportFixtures.header("text/plain"),
                    "To: " + words + "\n" + ReportFixtures.header("text/plain"),
                    "From: " + fitting + "\n" + bounce,
                    "In-Reply-To: " + fitting + "\n" + bounce,
                    "References: " + fitting + "\n" + bounce,
                    ReportFixtures.header("text/plain" + words),
                    ReportFixtures.header("multipart/mixed; boundary=b") + "--b\nContent-Type: text/plain" + words
                            + "\n\nx\n--b--")) {
                assertThat(read(mail))
                        .as("%s: %s", unit, mail.substring(0, 100))
                        .isFalse();
            }
        }
    }

    @Test
    void ofAFieldOnlyTheBeginningIsLookedAt() {
        String bounce = "<%s@example.com>\n%s550 5.1.1 no such user"
                .formatted(ReportFixtures.DELIVERY, ReportFixtures.header("text/plain"));

        assertThat(read("In-Reply-To: " + "<x@example.com> ".repeat(100) + bounce))
                .isTrue();
        assertThat(read("In-Reply-To: " + "<x@example.com> ".repeat(1000) + bounce))
                .isFalse();
    }

    private boolean read(String mail) {
        Reading reading = assertTimeoutPreemptively(
                Duration.ofSeconds(5), () -> reader.read(mail.getBytes(UTF_8)), () -> mail.substring(0, 200));
        return reading.report() != null;
    }
}

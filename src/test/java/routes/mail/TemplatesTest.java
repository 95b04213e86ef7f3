package routes.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.io.DefaultResourceLoader;
import routes.delivery.DeliveryException;
import routes.mail.Mail.Part;
import routes.mail.Templates.Written;
import routes.settings.InvalidSettingException;

class TemplatesTest {

    private final Templates templates = templates("classpath:mail/");

    @ParameterizedTest
    @EnumSource(Mail.class)
    void writesEachMailWithNoMoreThanItAlwaysKnows(Mail mail) {
        Written written = templates.write(mail, null, Map.of(), required(mail));

        assertThat(written.subject()).isNotBlank();
        assertThat(written.text()).isNotBlank().doesNotContain("{{", "null", " ,");
        assertThat(written.html()).contains("</html>").doesNotContain("{{", "null");
    }

    @ParameterizedTest
    @EnumSource(Mail.class)
    void writesEachMailWithAllThatItMayKnow(Mail mail) {
        Map<String, Object> variables = required(mail);
        mail.optional().forEach(name -> variables.put(name, "<" + name + ">"));

        Written written = templates.write(mail, null, Map.of(), variables);

        assertThat(written.html())
                .contains("href=\"&lt;unsubscribe_url&gt;\"")
                .doesNotContain("{{", "null", "<first_name>");
        assertThat(written.text()).contains("<unsubscribe_url>", "<first_name>").doesNotContain("{{", "null");
    }

    @Test
    void escapesInHtmlAndNotInText() {
        Written written = templates.write(Mail.WELCOME, null, Map.of(), named("<script>alert(1)</script>"));

        assertThat(written.html()).doesNotContain("<script>");
        assertThat(written.text()).contains("<script>");
    }

    @Test
    void readsNoTemplateOutOfAName() {
        Written written = templates.write(Mail.WELCOME, null, Map.of(), named("{{email}} {{{email}}} {{>layout-top}}"));

        assertThat(written.text()).contains("Hello {{email}} {{{email}}} {{>layout-top}},");
        assertThat(written.html()).contains("Welcome, {{email}} {{{email}}} {{&gt;layout-top}}");
    }

    @Test
    void aNameWithLineBreaksStaysOnOneLine() {
        Person person = new Person(
                UUID.randomUUID(),
                "ada@example.com",
                "Ada\r\nBcc: x@example.com\r\n\r\nHi\u2028\u202eyou",
                null,
                "CODE",
                0,
                7,
                "active",
                false,
                "Early\nBirds",
                "early-birds",
                null,
                null,
                null,
                null);

        Written written = templates.write(Mail.WELCOME, null, Map.of(), person.variables());

        assertThat(written.text()).contains("Hello Ada Bcc: x@example.com Hi you,");
        assertThat(written.subject()).isEqualTo("Welcome to Early Birds");
        assertThat(person.name()).isEqualTo("Ada Bcc: x@example.com Hi you");
    }

    @ParameterizedTest
    @CsvSource({"1,1st", "2,2nd", "3,3rd", "4,4th", "11,11th", "12,12th", "13,13th", "42,42nd", "101,101st", "111,111th"
    })
    void countsInOrder(long number, String ordinal) {
        assertThat(Person.ordinal(number)).isEqualTo(ordinal);
    }

    @Test
    void takesFromTheJarWhatTheDirectoryDoesNotHave(@TempDir Path directory) throws Exception {
        write(directory, "user.signed_up/subject.mustache", "Hi {{email}}");
        write(directory, "layout-top.txt.mustache", "Dear friend,\n");

        Written written = templates(directory.toUri().toString()).write(Mail.WELCOME, null, Map.of(), named("Ada"));

        assertThat(written.subject()).isEqualTo("Hi ada@example.com");
        assertThat(written.text()).startsWith("Dear friend,").contains("Thank you for joining");
        assertThat(written.html()).contains("Welcome, Ada");
    }

    /** The kubelet writes what is mounted into a directory of its own, and swaps a link to that. */
    @Test
    void aMountedConfigMapIsReadThroughItsLinks(@TempDir Path directory) throws Exception {
        write(directory, "..2026_11_30/layout-top.txt.mustache", "Dear friend,\n");
        write(directory, "..2026_11_30/user.signed_up/subject.mustache", "Hi {{email}}");
        link(directory, "..data", "..2026_11_30");
        link(directory, "layout-top.txt.mustache", "..data/layout-top.txt.mustache");
        link(directory, "user.signed_up", "..data/user.signed_up");

        Written written = templates(directory.toString()).write(Mail.WELCOME, null, Map.of(), named("Ada"));

        assertThat(written.subject()).isEqualTo("Hi ada@example.com");
        assertThat(written.text()).startsWith("Dear friend,").contains("Thank you for joining");
    }

    @Test
    void oneConfigMapMayBeMountedForEachMail(@TempDir Path directory) throws Exception {
        write(directory, "mail/user.signed_up/..2026_11_30/subject.mustache", "Hi {{email}}");
        link(directory, "mail/user.signed_up/..data", "..2026_11_30");
        link(directory, "mail/user.signed_up/subject.mustache", "..data/subject.mustache");
        link(directory, "link", "mail");

        for (String root : List.of("mail", "link")) {
            assertThat(templates(directory.resolve(root).toString())
                            .write(Mail.WELCOME, null, Map.of(), named("Ada"))
                            .subject())
                    .isEqualTo("Hi ada@example.com");
        }
    }

    private static Path link(Path directory, String name, String to) throws IOException {
        return Files.createSymbolicLink(directory.resolve(name), Path.of(to));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Hi {{frist_name}} | line 1: {{frist_name}} is not a variable of user.signed_up: write one of campaign_name",
                "{{email}}\\n{{#first_name}}x{{/first_name}} {{first_name}} | line 2: first_name may be missing: write {{#first_name}} before and {{/first_name}} after",
                "{{^first_name}}{{first_name}}{{/first_name}} | line 1: first_name may be missing",
                "{{reward_name}} | line 1: {{reward_name}} is not a variable of user.signed_up: write",
                "{{zzzzzzzzzzzzzzzz}} | write one of campaign_name, campaign_slug, email,",
                "{{{email}}} | values are always escaped: write {{email}}",
                "{{& email}} | values are always escaped: write {{email}}",
                "{{=<% %>=}} | delimiters cannot be changed",
                "{{email.class}} | {{email.class}} is not a variable",
                "{{>nothing}} | {{>nothing}} includes nothing.txt.mustache, which does not exist",
                "{{#position}} | is not a template"
            })
    void saysAtTheStartWhatIsWrongWithATemplateAndWhatToWrite(String template, String problem, @TempDir Path directory)
            throws Exception {
        write(directory, "user.signed_up/subject.mustache", template.replace("\\n", "\n"));

        assertThatThrownBy(() -> templates(directory.toUri().toString()))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("user.signed_up/subject.mustache")
                .hasMessageContaining(problem);
    }

    @Test
    void findsWhatIsWrongInAPartialToo(@TempDir Path directory) throws Exception {
        write(directory, "share.html.mustache", "{{#referral_link}}\n{{/referral_link}}\n{{referral_link}}");

        assertThatThrownBy(() -> templates(directory.toUri().toString()))
                .hasMessageContaining("share.html.mustache, line 3: referral_link may be missing");
    }

    @Test
    void aPartialThatIncludesItselfIsFound(@TempDir Path directory) throws Exception {
        write(directory, "share.txt.mustache", "{{>share}}");

        assertThatThrownBy(() -> templates(directory.toUri().toString())).hasMessageContaining("includes itself");
    }

    @ParameterizedTest
    @CsvSource({
        "user.signedup/subject.mustache, user.signedup is not a mail: write one of user.signed_up",
        "user.signed_up/germn/subject.mustache, user.signed_up/germn is not a language; a language is a tag",
        "user.signed_up/de_AT/subject.mustache, user.signed_up/de_AT is not a language; a language is a tag",
        "de/user.signed_up/subject.mustache, de/user.signed_up is not a mail: write one of user.signed_up",
        "user.signed_up/de/text.mustache, is not a part of a mail: write one of subject.mustache",
        "user.signed_up/body.mustache, is not a part of a mail: write one of subject.mustache"
    })
    void aFileThatWouldNeverBeReadIsNotPassedOverInSilence(String file, String problem, @TempDir Path directory)
            throws Exception {
        write(directory, file, "Hi");

        assertThatThrownBy(() -> templates(directory.toUri().toString())).hasMessageContaining(problem);
    }

    @Test
    void aDirectoryWithoutTemplatesIsAMistake(@TempDir Path directory) {
        assertThatThrownBy(() -> templates(directory.toUri().toString()))
                .hasMessageContaining("there are no templates: write the directory that holds them");
        assertThatThrownBy(() -> templates(directory.resolve("nowhere").toUri().toString()))
                .hasMessageContaining("write an existing directory");
    }

    @Test
    void aCampaignsOwnTemplateComesFirstAndTheRestFromTheFiles() {
        Written written = templates.write(
                Mail.WELCOME,
                null,
                Map.of(Part.SUBJECT, "Ahoy {{email}}", Part.HTML, "<p>{{email}}{{>share}}"),
                named("Ada"));

        assertThat(written.subject()).isEqualTo("Ahoy ada@example.com");
        assertThat(written.html()).startsWith("<p>ada@example.com");
        assertThat(written.text()).contains("Thank you for joining");
    }

    @ParameterizedTest
    @CsvSource({"{{frist_name}},not a variable", "{{#email}},not a template", "{{email.class.name}},not a variable"})
    void aCampaignsOwnTemplateThatIsWrongFailsItsMailsWithTheReason(String template, String reason) {
        assertThatThrownBy(() -> templates.write(Mail.WELCOME, null, Map.of(Part.TEXT, template), named("Ada")))
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessageContaining("the campaign's own template: user.signed_up/body.txt.mustache")
                .hasMessageContaining(reason);
    }

    /** As a campaign may write it, to read what the process can: its environment, with every secret. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{>../../../../../../proc/self/environ#}}",
                "{{>/proc/self/environ#}}",
                "{{>file:/proc/self/environ#}}",
                "{{>http://127.0.0.1/#}}",
                "{{>user.verified/body}}",
                "{{> ..%2f..%2fenviron#}}",
                "{{<../../../../../../proc/self/environ#}}{{/../../../../../../proc/self/environ#}}",
                "{{<share}}{{/share}}",
                "{{>}}"
            })
    void aCampaignsOwnTemplateIncludesNoMoreThanThePartialsThatThereAre(String template, @TempDir Path directory)
            throws Exception {
        write(directory, "share.txt.mustache", "Share");
        Templates ofDirectory = templates(directory.toUri().toString());

        assertThatThrownBy(() -> ofDirectory.write(Mail.WELCOME, null, Map.of(Part.TEXT, template), named("Ada")))
                .isInstanceOf(DeliveryException.Permanent.class)
                .hasMessageContaining("line 1: ");
        assertThat(ofDirectory
                        .write(Mail.WELCOME, null, Map.of(Part.TEXT, "{{>share}} {{>position}}"), named("Ada"))
                        .text())
                .startsWith("Share ");
    }

    static Stream<String> hostile() {
        int size = 1_000_000;
        return Stream.of(
                        "{{" + " ".repeat(size),
                        "{{".repeat(size / 2),
                        "{{#".repeat(size / 3),
                        "{{ {".repeat(size / 4),
                        "{{!".repeat(size / 3) + "}}",
                        "{{}}".repeat(size / 4),
                        "{{=<% %>=}}".repeat(size / 11),
                        "{{{email}}}".repeat(size / 11),
                        "{{#email}}".repeat(size / 10),
                        "{{#email}}".repeat(size / 20) + "{{/email}}".repeat(size / 20),
                        "{{>share}}".repeat(size / 10),
                        "{{zz}}".repeat(size / 6),
                        "{{" + "z".repeat(size) + "}}",
                        "{{>" + "../".repeat(size / 3) + "}}",
                        "\n".repeat(size) + "{{zz}}",
                        "{{first_name}}".repeat(size / 14),
                        "x".repeat(size) + "{{#email}}")
                .flatMap(template -> Stream.of(1_000_000, 200_000)
                        .map(length -> template.substring(0, Math.min(length, template.length()))));
    }

    /** One of a thousand blanks took a minute, and all campaigns with templates of their own waited for it. */
    @ParameterizedTest
    @MethodSource("hostile")
    void noTemplateOfACampaignTakesLongWhateverIsInIt(String template) {
        for (Part part : Part.values()) {
            Throwable refusal = assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () -> catchThrowable(
                            () -> templates.write(Mail.WELCOME, null, Map.of(part, template), named("Ada"))));

            if (refusal != null || template.length() > 200_000) {
                assertThat(refusal)
                        .isInstanceOf(DeliveryException.Permanent.class)
                        .message()
                        .startsWith("the campaign's own template: user.signed_up/" + part.file())
                        .hasSizeLessThan(10_000);
            }
        }
    }

    @Test
    void theLongestTemplatesThatAreTakenAreWrittenInNoTime() {
        List<String> longest = List.of(
                "x".repeat(200_000),
                "{{email}}".repeat(22_000),
                "{{! }}".repeat(33_000),
                "{{#email}}{{/email}}".repeat(10_000),
                ("{{#email}}".repeat(30) + "{{email}}" + "{{/email}}".repeat(30)).repeat(320),
                "{{^email}}\n{{/email}}\n".repeat(9_000));

        assertTimeoutPreemptively(Duration.ofMinutes(1), () -> {
            for (String template : longest) {
                templates.write(Mail.WELCOME, null, Map.of(Part.TEXT, template, Part.HTML, template), named("Ada"));
            }
        });
    }

    /** The longest that there may be; none is known yet, so both are checked and compiled. */
    @Test
    void whileOneCampaignsTemplateIsReadTheMailOfAnotherIsWritten() {
        await().until(() -> isWrittenWhileAnotherIsRead("{{email}}".repeat(22_000) + UUID.randomUUID()));
    }

    private boolean isWrittenWhileAnotherIsRead(String longest) throws InterruptedException {
        Thread other = new Thread(() -> templates.write(Mail.WELCOME, null, Map.of(Part.TEXT, longest), named("Ada")));
        other.start();
        while (other.isAlive() && !isReading(other)) {
            Thread.onSpinWait();
        }

        templates.write(Mail.WELCOME, null, Map.of(Part.TEXT, "{{email}}" + UUID.randomUUID()), named("Grace"));

        boolean isReading = isReading(other);
        other.join();
        return isReading;
    }

    private static boolean isReading(Thread thread) {
        return Stream.of(thread.getStackTrace())
                .map(StackTraceElement::getClassName)
                .anyMatch(name -> name.equals(TemplateCheck.class.getName())
                        || name.equals(Mustache.class.getName() + "$Parser"));
    }

    @Test
    void manyTemplatesOfCampaignsAreForgottenAgain() {
        for (int i = 0; i < 100; i++) {
            String template = i + "x".repeat(100_000);
            assertThat(templates
                            .write(Mail.WELCOME, null, Map.of(Part.TEXT, template), named("Ada"))
                            .text())
                    .isEqualTo(template);
        }
    }

    @Test
    void aPartialThatIsNoTemplateIsFoundAtTheStart(@TempDir Path directory) throws Exception {
        write(directory, "share.txt.mustache", "{{#email}}");

        assertThatThrownBy(() -> templates(directory.toUri().toString()))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("share.txt.mustache is not a template");
    }

    @Test
    void aMailIsInTheLanguageThatIsWantedAsFarAsItIsThere() {
        Templates german = templates("examples/mail");

        for (String wanted : List.of("de", "de-AT", "de_AT", "DE-at", "de-CH-1901")) {
            Written written = german.write(Mail.WELCOME, wanted, Map.of(), named("Ada"));
            assertThat(written.language()).isEqualTo("de");
            assertThat(written.subject()).isEqualTo("Willkommen, Sie stehen auf der Liste");
            assertThat(written.text())
                    .startsWith("Hallo Ada,")
                    .contains("Schön, dass")
                    .doesNotContain("Thank", "mail b");
            assertThat(written.html()).contains("lang=\"de\"", "Sie erhalten").doesNotContain("You are");
        }
        for (String wanted : Arrays.asList(null, "", "fr", "*", "German, please", "en-GB", "x".repeat(10_000))) {
            Written written = german.write(Mail.WELCOME, wanted, Map.of(), named("Ada"));
            assertThat(written).isEqualTo(templates.write(Mail.WELCOME, null, Map.of(), named("Ada")));
            assertThat(written.language()).isEqualTo("en");
        }
        assertThat(german.write(Mail.VERIFIED, "de", Map.of(), named("Ada")).language())
                .isEqualTo("en");
    }

    @Test
    void whoWantsNoLanguageGetsThatOfTheSettings() {
        Templates german = templates("examples/mail", "de-CH");

        assertThat(german.write(Mail.WELCOME, "fr", Map.of(), named("Ada")).language())
                .isEqualTo("de");
        assertThat(german.language(Mail.VERIFIED, null)).isEqualTo("en");
    }

    @Test
    void templatesOfOnesOwnAreInTheLanguageOfTheSettings(@TempDir Path directory) throws Exception {
        write(directory, "user.signed_up/subject.mustache", "Bienvenue");

        Templates french = templates(directory.toString(), "fr");

        assertThat(french.language(Mail.WELCOME, null)).isEqualTo("fr");
        assertThat(french.language(Mail.VERIFIED, null)).isEqualTo("en");
    }

    @Test
    void aPartialIsOfTheClosestLanguageThatHasIt(@TempDir Path directory) throws Exception {
        for (String part : List.of("subject", "body.txt", "body.html")) {
            write(directory, "user.signed_up/de-AT/%s.mustache".formatted(part), "{{>one}} {{>two}} {{>three}}");
        }
        for (String format : List.of("txt", "html")) {
            write(directory, "one.%s.mustache".formatted(format), "one");
            write(directory, "two.%s.mustache".formatted(format), "two");
            write(directory, "three.%s.mustache".formatted(format), "three");
            write(directory, "de/two.%s.mustache".formatted(format), "zwei");
            write(directory, "de/three.%s.mustache".formatted(format), "drei");
            write(directory, "de-AT/three.%s.mustache".formatted(format), "drei!");
        }

        Written written = templates(directory.toString()).write(Mail.WELCOME, "de-AT", Map.of(), named("Ada"));

        assertThat(written).isEqualTo(new Written("de-AT", "one zwei drei!", "one zwei drei!", "one zwei drei!"));
    }

    @Test
    void allPartsOfAMailAreInOneLanguageAndNoneIsMissing(@TempDir Path directory) throws Exception {
        write(directory, "user.signed_up/de/subject.mustache", "Willkommen");
        write(directory, "user.signed_up/de/body.txt.mustache", "Hallo\n{{nachname}} {{>share}}");
        write(directory, "de/share.txt.mustache", "\n{{link}}");

        assertThatThrownBy(() -> templates(directory.toString()))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("user.signed_up/de/body.html.mustache does not exist: add it")
                .hasMessageContaining("user.signed_up/de/body.txt.mustache, line 2: {{nachname}} is not a variable")
                .hasMessageContaining("de/share.txt.mustache, line 2: {{link}} is not a variable");
    }

    @Test
    void aCampaignsOwnTemplateIncludesThePartialsOfItsLanguage() {
        Written written = templates("examples/mail")
                .write(Mail.WELCOME, "de", Map.of(Part.TEXT, "{{>layout-top}}"), named("Ada"));

        assertThat(written.text()).isEqualTo("Hallo Ada,\n");
        assertThat(written.subject()).startsWith("Willkommen");
    }

    private static Map<String, Object> required(Mail mail) {
        Map<String, Object> variables = new HashMap<>();
        mail.required().forEach(name -> variables.put(name, name));
        variables.put("email", "ada@example.com");
        return variables;
    }

    private static Map<String, Object> named(String name) {
        return Map.of("first_name", name, "email", "ada@example.com");
    }

    private static void write(Path directory, String file, String template) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, template);
    }

    private static Templates templates(String location) {
        return templates(location, "en");
    }

    private static Templates templates(String location, String locale) {
        Map<String, String> settings = Map.of(
                "mail.host",
                "localhost",
                "mail.from",
                "a@example.com",
                "mail.templates",
                location,
                "mail.locale",
                locale);
        return new Templates(
                new DefaultResourceLoader(),
                new Binder(new MapConfigurationPropertySource(settings)).bindOrCreate("mail", MailSettings.class));
    }
}

package routes.mail.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.github.bucket4j.Bucket;
import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.EncodedResource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import routes.background.RateLimit;
import routes.event.Sha256;
import routes.mail.Languages;
import routes.mail.UnsubscribeTokens;
import routes.mail.UnsubscribeTokens.Subscription;
import routes.mail.report.MailReport.Kind;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * {@code /unsubscribe/{token}}: POST unsubscribes, as a mail client's button does (RFC 8058); GET shows a page with a button
 * for it and changes nothing, since scanners of mail follow links. The token is all that is asked for, and no body is read. The
 * page is in a language that the browser asks for, or in English.
 */
@OnRole(Role.PUBLISH)
@RestController
class UnsubscribeController {

    private static final Logger LOG = LoggerFactory.getLogger(UnsubscribeController.class);

    /** Per second. Only valid tokens count: others cannot use it up. */
    private static final int RATE = 100;

    private static final String TEXTS = "classpath:pages/unsubscribe/*.properties";
    private static final String DEFAULT_LANGUAGE = "en";

    private final UnsubscribeTokens tokens;
    private final MailReports reports;
    private final Bucket rate = RateLimit.perSecond(RATE, RATE);
    private final Template page;

    private final Map<String, Map<String, String>> texts;
    private final String policy;

    UnsubscribeController(UnsubscribeTokens tokens, MailReports reports) throws IOException {
        this.tokens = tokens;
        this.reports = reports;
        this.texts = texts();
        String text = new ClassPathResource("pages/unsubscribe.mustache").getContentAsString(UTF_8);
        this.page = Mustache.compiler().compile(text);
        String style = text.replaceFirst("(?s).*<style>(.*)</style>.*", "$1");
        this.policy =
                "default-src 'none'; style-src 'sha256-%s'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
                        .formatted(Base64.getEncoder().encodeToString(Sha256.of(style)));
    }

    /** What the page says, by the tag of the language. */
    private static Map<String, Map<String, String>> texts() throws IOException {
        Map<String, Map<String, String>> texts = new HashMap<>();
        for (Resource file : new PathMatchingResourcePatternResolver().getResources(TEXTS)) {
            Properties words = PropertiesLoaderUtils.loadProperties(new EncodedResource(file, UTF_8));
            String language = StringUtils.stripFilenameExtension(Objects.requireNonNull(file.getFilename()));
            texts.put(language, words.stringPropertyNames().stream().collect(toMap(name -> name, words::getProperty)));
        }
        return texts;
    }

    @GetMapping(path = "/unsubscribe/{token}")
    ResponseEntity<byte[]> ask(
            @PathVariable String token,
            @RequestHeader(name = HttpHeaders.ACCEPT_LANGUAGE, required = false) @Nullable String languages) {
        return tokens.open(token).isPresent()
                ? page(HttpStatus.OK, "ask", languages)
                : page(HttpStatus.NOT_FOUND, "unknown", languages);
    }

    @PostMapping(path = "/unsubscribe/{token}")
    ResponseEntity<byte[]> unsubscribe(
            @PathVariable String token,
            @RequestHeader(name = HttpHeaders.ACCEPT_LANGUAGE, required = false) @Nullable String languages) {
        Optional<Subscription> subscription = tokens.open(token);
        if (subscription.isEmpty()) {
            return page(HttpStatus.NOT_FOUND, "unknown", languages);
        }
        if (!rate.tryConsume(1)) {
            return page(HttpStatus.TOO_MANY_REQUESTS, "later", languages);
        }
        try {
            end(subscription.get());
            return page(HttpStatus.OK, "done", languages);
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("Somebody could not be unsubscribed, and was asked to try again", e);
            return page(HttpStatus.SERVICE_UNAVAILABLE, "later", languages);
        }
    }

    private void end(Subscription its) {
        // Once a day: whoever was let in again, and presses the button of an old mail, means it.
        String id = "%s/%s".formatted(its.delivery(), LocalDate.now(ZoneOffset.UTC));
        // Without the address: whoever has another one since wants no mail there, either.
        reports.take(new MailReport(
                "unsubscribe", id, Kind.UNSUBSCRIBE, its.delivery(), null, null, "by the link in the mail"));
        // The link knows where its mail went, whatever the ledger and the person's row say by now.
        reports.unsubscribe(its.campaignId(), its.address());
    }

    private ResponseEntity<byte[]> page(HttpStatus status, String part, @Nullable String languages) {
        String language = Languages.lookUp(texts.keySet(), languages).orElse(DEFAULT_LANGUAGE);
        Map<String, Object> said = new HashMap<>(Objects.requireNonNull(texts.get(language)));
        said.put("language", language);
        said.put(part, true);
        return ResponseEntity.status(status)
                .contentType(new MediaType(MediaType.TEXT_HTML, UTF_8))
                .cacheControl(CacheControl.noStore())
                .header(HttpHeaders.CONTENT_LANGUAGE, language)
                .header("Content-Security-Policy", policy)
                .header("Referrer-Policy", "no-referrer")
                .body(page.execute(said).getBytes(UTF_8));
    }
}

package routes.dev;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.core.io.ClassPathResource;
import org.springframework.web.util.UriComponentsBuilder;
import routes.mail.Previews;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The pages of the inbox, of the received webhooks and of the templates' previews, made from the templates in {@code dev/pages}. They show what strangers wrote:
 * every value is escaped, no script runs, and nothing is loaded from elsewhere.
 */
final class Pages implements HttpHandler {
    private static final String DIRECTORY = "dev/pages/";
    private static final String MAIL = "/mail/";
    private static final String PREVIEW = "/previews/";
    private static final String HTML = "/html";

    /**
     * The HTML of a mail lives under the policy of the page around it, which is why styles within elements are allowed. Its images come
     * from nowhere: loading one would tell its server that the mail was read.
     */
    private static final String POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:;"
            + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static final JsonMapper JSON = new JsonMapper();

    private final Inbox inbox;
    private final WebhookReceiver webhooks;
    private final Previews previews;
    private final Mustache.Compiler compiler =
            Mustache.compiler().withLoader(Pages::template).defaultValue("");

    Pages(Inbox inbox, WebhookReceiver webhooks, Previews previews) {
        this.inbox = inbox;
        this.webhooks = webhooks;
        this.previews = previews;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (!Set.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            send(exchange, new Page(405, "text/plain", "Only GET and HEAD.".getBytes(UTF_8)));
            return;
        }
        Page page = page(exchange.getRequestURI());
        send(exchange, page);
    }

    private Page page(URI address) {
        String path = address.getPath();
        Map<String, String> parameters = parameters(address);
        return switch (path) {
            case "/" -> list("inbox", "Inbox", "isInbox", Listing.of(inbox.list(), path, parameters, MailView::of));
            case "/search" -> search(path, parameters);
            case "/webhooks" ->
                list(
                        "webhooks",
                        "Webhooks",
                        "isWebhooks",
                        Listing.of(webhooks.list(), path, parameters, RequestView::of));
            case "/look.css" -> new Page(200, "text/css", bytes("pages/look.css"));
            case "/style.css" -> new Page(200, "text/css", bytes(DIRECTORY + "style.css"));
            case "/previews" -> render(200, "previews", "Previews", previewsOrProblem());
            default ->
                ofMail(path).or(() -> ofPreview(path)).orElseGet(() -> render(404, "not-found", "Not found", Map.of()));
        };
    }

    private Optional<Page> ofMail(String path) {
        if (!path.startsWith(MAIL)) {
            return Optional.empty();
        }
        String[] id = path.substring(MAIL.length()).split("/", 2);
        if (id.length == 1) {
            return inbox.find(id[0])
                    .map(mail ->
                            render(200, "mail", titleOf(mail), Map.of("isInbox", true, "mail", MailView.of(mail))));
        }
        return switch (id[1]) {
            case "source" -> inbox.source(id[0]).map(source -> new Page(200, "text/plain", source));
            case "text" ->
                inbox.find(id[0])
                        .map(mail -> new Page(200, "text/plain", mail.text().getBytes(UTF_8)));
            case "html" -> inbox.find(id[0]).map(mail -> Page.foreign(mail.html()));
            default -> Optional.empty();
        };
    }

    private Map<String, Object> previewsOrProblem() {
        try {
            return Map.of("isPreviews", true, "previews", previews.all());
        } catch (IllegalStateException e) {
            return Map.of("isPreviews", true, "problem", String.valueOf(e.getMessage()));
        }
    }

    private Optional<Page> ofPreview(String path) {
        if (!path.startsWith(PREVIEW)) {
            return Optional.empty();
        }
        String id = path.substring(PREVIEW.length());
        try {
            return id.endsWith(HTML)
                    ? previews.find(id.substring(0, id.length() - HTML.length()))
                            .map(preview -> Page.foreign(preview.html()))
                    : previews.find(id)
                            .map(preview -> render(
                                    200, "preview", preview.subject(), Map.of("isPreviews", true, "mail", preview)));
        } catch (IllegalStateException e) {
            return Optional.of(render(200, "previews", "Previews", previewsOrProblem()));
        }
    }

    /** It does not reload by itself, which would take away what somebody types. */
    private Page search(String path, Map<String, String> parameters) {
        String to = parameters.getOrDefault("to", "");
        String text = parameters.getOrDefault("q", "").strip();
        List<ReceivedMail> found = inbox.list().stream()
                .filter(mail -> to.isEmpty() || mail.isTo(to))
                .filter(mail -> mail.contains(text))
                .toList();
        String title = to.isEmpty() ? "Search" : "Mails to " + to;
        return render(
                200,
                "search",
                title,
                Map.of(
                        "heading",
                        title,
                        "to",
                        to,
                        "q",
                        text,
                        "list",
                        Listing.of(found, path, parameters, MailView::of),
                        "isInbox",
                        true));
    }

    /** Only the first page reloads: what is on a later one would move on. */
    private Page list(String template, String title, String current, Listing<?> list) {
        return render(200, template, title, Map.of("list", list, current, true, "reload", list.newer() == null));
    }

    private static Map<String, String> parameters(URI address) {
        Map<String, String> parameters = new TreeMap<>();
        UriComponentsBuilder.fromUri(address)
                .build()
                .getQueryParams()
                .toSingleValueMap()
                .forEach((name, value) -> parameters.put(name, value == null ? "" : URLDecoder.decode(value, UTF_8)));
        parameters.keySet().retainAll(Set.of("page", "q", "to"));
        return parameters;
    }

    private Page render(int status, String template, String title, Map<String, ?> values) {
        Map<String, Object> model = new HashMap<>(values);
        model.put("title", title);
        model.put("mailCount", inbox.list().size());
        model.put("requestCount", webhooks.list().size());
        Template page = compiler.compile(template(template));
        return new Page(status, "text/html", page.execute(model).getBytes(UTF_8));
    }

    private static void send(HttpExchange exchange, Page page) throws IOException {
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", page.type() + "; charset=utf-8");
        headers.set("Content-Security-Policy", page.isForeign() ? POLICY + "; sandbox" : POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cache-Control", "no-store");
        if ("HEAD".equals(exchange.getRequestMethod())) {
            exchange.sendResponseHeaders(page.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(page.status(), page.content().length == 0 ? -1 : page.content().length);
        exchange.getResponseBody().write(page.content());
    }

    private static String titleOf(ReceivedMail mail) {
        return mail.subject().isEmpty() ? "(no subject)" : mail.subject();
    }

    private static Reader template(String name) {
        return new InputStreamReader(new ByteArrayInputStream(bytes(DIRECTORY + name + ".html")), UTF_8);
    }

    private static byte[] bytes(String resource) {
        try {
            return new ClassPathResource(resource).getContentAsByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is sent. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Page(int status, String type, byte[] content, boolean isForeign) {

        Page(int status, String type, byte[] content) {
            this(status, type, content, false);
        }

        /** The HTML of a mail by itself, which may not do more here than within a frame. */
        static Page foreign(String html) {
            return new Page(200, "text/html", html.getBytes(UTF_8), true);
        }
    }

    /** A moment, for machines and for people. */
    record Time(String iso, String local) {
        private static final DateTimeFormatter LOCAL =
                DateTimeFormatter.ofPattern("d MMM HH:mm:ss", Locale.ENGLISH).withZone(ZoneId.systemDefault());

        static Time of(Instant instant) {
            return new Time(instant.toString(), LOCAL.format(instant));
        }
    }

    /** A mail, for a template. */
    record MailView(String title, Time time, ReceivedMail mail) {
        static MailView of(ReceivedMail mail) {
            return new MailView(titleOf(mail), Time.of(mail.received()), mail);
        }

        boolean hasHtml() {
            return !mail.html().isEmpty();
        }

        boolean hasText() {
            return !mail.text().isEmpty();
        }
    }

    /** A request, for a template. */
    record RequestView(ReceivedWebhook request, Time time, List<Map.Entry<String, String>> headers, String body) {
        static RequestView of(ReceivedWebhook request) {
            return new RequestView(
                    request,
                    Time.of(request.received()),
                    List.copyOf(request.headers().entrySet()),
                    readable(request.body()));
        }

        boolean isAccepted() {
            return request.status() / 100 == 2;
        }

        private static String readable(String body) {
            try {
                return JSON.readTree(body).toPrettyString();
            } catch (JacksonException notJson) {
                return body;
            }
        }
    }
}

package routes.dev;

import static org.springframework.web.servlet.function.RouterFunctions.route;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpStatus;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.api.PageAddition;
import routes.event.EventHeaders;
import routes.event.EventJson;
import routes.event.EventPublisher;
import routes.event.EventReader;
import routes.event.InvalidEventException;
import routes.event.Published;

/** Buttons on the page of the API: each publishes an example. Production has no such class. */
final class Tryout implements PageAddition {

    private static final String SUFFIX = ".json";

    private final Path examples;
    private final Supplier<EventPublisher> publisher;
    private final Map<String, String> servers;
    private final EventReader reader = new EventReader();
    private final Template template;

    /**
     * Buttons for the events in a directory.
     *
     * @param servers where one sees what became of an event: the addresses {@code management} and {@code inbox}
     */
    Tryout(Path examples, Supplier<EventPublisher> publisher, Map<String, String> servers) {
        this.examples = examples;
        this.publisher = publisher;
        this.servers = servers;
        try {
            this.template = Mustache.compiler()
                    .emptyStringIsFalse(true)
                    .compile(new ClassPathResource("dev/pages/try.html").getContentAsString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds the buttons, and what they do, to a service that has not started yet. */
    static void addTo(GenericApplicationContext service, Map<String, String> servers) {
        Tryout tryout = new Tryout(Path.of("examples/events"), () -> service.getBean(EventPublisher.class), servers);
        service.registerBean(PageAddition.class, () -> tryout);
        service.registerBean("tryout", RouterFunction.class, tryout::routes);
    }

    @Override
    public String html(@Nullable String published) {
        Map<String, Object> model = new HashMap<>(servers);
        model.put("examples", names());
        // It comes from the address, where anybody may have written it.
        model.put("published", published != null && published.matches("[A-Za-z0-9._:-]{1,128}") ? published : "");
        return template.execute(model);
    }

    RouterFunction<ServerResponse> routes() {
        return route().POST("/try/{example}", this::publish).build();
    }

    private ServerResponse publish(ServerRequest request) throws IOException, InvalidEventException {
        String site = request.headers().firstHeader("Sec-Fetch-Site");
        if (!Set.of("same-origin", "none").contains(site == null ? "none" : site)) {
            return ServerResponse.status(HttpStatus.FORBIDDEN).body("The button is on another site's page.");
        }
        // Only names that are known: what is in an address must not choose a file.
        String example = request.pathVariable("example");
        if (!names().contains(example)) {
            return ServerResponse.status(HttpStatus.NOT_FOUND).body("There is no such example.");
        }
        byte[] json = Files.readAllBytes(examples.resolve(example + SUFFIX));
        Published published = publisher.get().publish(reader.read(EventJson.tree(json), EventHeaders.NONE));
        return ServerResponse.seeOther(URI.create("/?published=" + published.id()))
                .build();
    }

    /** Of the files with one event. */
    private List<String> names() {
        try (Stream<Path> files = Files.list(examples)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX) && !name.startsWith("all-"))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .sorted()
                    .toList();
        } catch (IOException elsewhere) {
            return List.of(); // the service was started in another directory
        }
    }
}

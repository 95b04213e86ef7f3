package routes.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import routes.event.Sha256;
import routes.settings.OnRole;
import routes.settings.Role;

/**
 * The pages {@code /}, what runs here and its contract, and {@code /contract/}, a list of the files. Both are for everybody, and
 * made once at the start of what is served under {@code /contract}: they know of no setting, and of nothing that happens.
 */
@OnRole(Role.PUBLISH)
@Controller
class ContractController {

    private final Template template = Mustache.compiler().defaultValue("").compile(read("contract.mustache"));
    private final Map<String, Object> contract;
    private final byte[] home;
    private final byte[] files;
    private final @Nullable PageAddition addition;
    private final String policy;

    ContractController(
            ContractFiles contents, ObjectProvider<BuildProperties> build, ObjectProvider<PageAddition> addition)
            throws IOException {
        BuildProperties properties = build.getIfAvailable();
        String style = read("look.css") + read("contract.css");
        this.contract = Map.of(
                "style",
                style,
                "home",
                true,
                "version",
                properties == null ? "dev" : properties.getVersion(),
                "envelope",
                contents.envelope(),
                "types",
                contents.types(),
                "events",
                contents.events());
        this.home = render(contract);
        this.files = render(Map.of("style", style, "isList", true, "files", contents.all()));
        this.addition = addition.getIfAvailable();
        this.policy =
                "default-src 'none'; style-src 'sha256-%s'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
                        .formatted(Base64.getEncoder().encodeToString(Sha256.of(style)));
    }

    @GetMapping("/")
    ResponseEntity<byte[]> home(@RequestParam(required = false) @Nullable String published) {
        if (addition == null) {
            return page(home);
        }
        Map<String, Object> all = new HashMap<>(contract);
        all.put("addition", addition.html(published));
        return page(render(all));
    }

    @GetMapping("/contract/")
    ResponseEntity<byte[]> files() {
        return page(files);
    }

    private byte[] render(Map<String, Object> model) {
        return template.execute(model).getBytes(UTF_8);
    }

    private ResponseEntity<byte[]> page(byte[] html) {
        return ResponseEntity.ok()
                .contentType(new MediaType(MediaType.TEXT_HTML, UTF_8))
                .cacheControl(CacheControl.noCache())
                .header("Content-Security-Policy", policy)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .body(html);
    }

    private static String read(String file) throws IOException {
        return new ClassPathResource("pages/" + file).getContentAsString(UTF_8);
    }
}

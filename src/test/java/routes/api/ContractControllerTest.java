package routes.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.request;

import java.io.IOException;
import java.net.URI;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.info.BuildProperties;
import org.springframework.http.HttpMethod;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import routes.event.EventType;
import routes.event.Sha256;

/** The pages of the public port. */
class ContractControllerTest {

    private final MockMvc production;

    ContractControllerTest() throws IOException {
        this.production = api(new ContractFiles(), null);
    }

    @Test
    void thePageShowsWhatRunsAndEveryTypeWithItsFieldsAndItsExample() throws Exception {
        String page = get(production, "/").getContentAsString();

        assertThat(page).contains("<strong>Domain event routes</strong> 7.8.9");
        assertThat(Arrays.stream(EventType.values()).map(EventType::value)).allSatisfy(type -> assertThat(page)
                .contains("<h3 id=\"" + type + "\">", "&quot;type&quot; : &quot;" + type + "&quot;"));
        assertThat(page)
                .contains("<tr><td><code>points_per_referral</code></td><td>integer or null, 0 to 1000000"
                        + " <small>optional</small></td><td>How many places")
                .contains("<tr><td><code>email</code></td><td>email</td>")
                .contains("The campaign in which it happened");
    }

    @Test
    void everyLinkLeadsToAFileThatIsServedOrToAPlaceOnThePage() throws Exception {
        for (String path : List.of("/", "/contract/")) {
            String page = get(production, path).getContentAsString();
            Matcher link = Pattern.compile("href=\"(?!data:|\\.\\./)([^\"]+)\"").matcher(page);
            int links = 0;
            for (; link.find(); links++) {
                String target = link.group(1);
                if (target.startsWith("#")) {
                    assertThat(page).contains("id=\"" + target.substring(1) + "\"");
                } else if (!target.equals("contract/")) {
                    String file = URI.create(path).resolve(target).toString();
                    assertThat(getClass().getResource("/static" + file))
                            .as(file)
                            .isNotNull();
                }
            }
            assertThat(links).isGreaterThan(15);
        }
    }

    @Test
    void theListNamesEveryFileWithItsTitle() throws Exception {
        assertThat(get(production, "/contract/").getContentAsString())
                .contains("<a href=\"openapi.json\">openapi.json</a></td><td>Domain event routes</td>")
                .contains(
                        "<a href=\"schemas/user.signed_up.json\">schemas/user.signed_up.json</a></td><td>user.signed_up<");
    }

    @Test
    void nothingButItsOwnStyleMayBeUsed() throws Exception {
        for (String path : List.of("/", "/contract/")) {
            MockHttpServletResponse answer = get(production, path);
            String page = answer.getContentAsString();
            String style = page.substring(page.indexOf("<style>") + "<style>".length(), page.indexOf("</style>"));

            assertThat(answer.getHeader("Content-Security-Policy"))
                    .isEqualTo("default-src 'none'; style-src 'sha256-%s'; img-src data:; form-action 'self';"
                                    .formatted(Base64.getEncoder().encodeToString(Sha256.of(style)))
                            + " base-uri 'none'; frame-ancestors 'none'");
            assertThat(page).doesNotContain("<script", "style=", "<img", "<form", "//");
        }
    }

    @Test
    void textsAreEscaped() throws Exception {
        MockMvc hostile = api(new ContractFiles("hostile-contract/"), null);

        String page = get(hostile, "/").getContentAsString();

        assertThat(page)
                .contains(
                        "<h3 id=\"&lt;b&gt;name\">",
                        "<p>&lt;b&gt;summary",
                        "<td>&lt;b&gt;description",
                        "<code>&lt;b&gt;field</code>",
                        "<td>&lt;b&gt;type",
                        "&lt;b&gt;example")
                .doesNotContain("<b>");
        assertThat(get(hostile, "/contract/").getContentAsString())
                .contains("&lt;b&gt;title")
                .doesNotContain("<b>");
    }

    @Test
    void onlyAnAdditionSeesTheParameterAndProductionHasNone() throws Exception {
        MockMvc development = api(new ContractFiles(), published -> "<h2>Published: " + published + "</h2>");

        assertThat(get(development, "/?published=1").getContentAsString()).contains("<h2>Published: 1</h2>");
        assertThat(get(production, "/?published=%3Cscript%3E").getContentAsString())
                .isEqualTo(get(production, "/").getContentAsString());
        assertThat(production.perform(post("/")).andReturn().getResponse().getStatus())
                .isEqualTo(405);
    }

    private static MockHttpServletResponse get(MockMvc api, String path) throws Exception {
        return api.perform(request(HttpMethod.GET, URI.create(path)))
                .andReturn()
                .getResponse();
    }

    private static MockMvc api(ContractFiles files, @Nullable PageAddition addition) throws IOException {
        Properties build = new Properties();
        build.setProperty("version", "7.8.9");
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        beans.addBean("build", new BuildProperties(build));
        if (addition != null) {
            beans.addBean("addition", addition);
        }
        return MockMvcBuilders.standaloneSetup(new ContractController(
                        files, beans.getBeanProvider(BuildProperties.class), beans.getBeanProvider(PageAddition.class)))
                .build();
    }
}

package routes.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import routes.delivery.Delivery;
import routes.delivery.DeliveryException;
import routes.delivery.DeliveryLedger;
import routes.event.EventJson;
import routes.event.EventType;
import routes.event.Events;
import routes.mail.Mails;

/** The example that sends mail through a provider's REST API, without the service around it. */
class MailApiExampleTest {

    private final AtomicInteger answer = new AtomicInteger(200);
    private final List<JsonNode> bodies = Collections.synchronizedList(new ArrayList<>());
    private final List<String> headers = Collections.synchronizedList(new ArrayList<>());
    private final CamelContext camel = new DefaultCamelContext();
    private final Delivery delivery = new Delivery(
            UUID.randomUUID(), "email-workers", "", Events.any(EventType.USER_VERIFIED), 1, 1, 1, false, false, null);
    private HttpServer provider;

    @BeforeEach
    void start() throws Exception {
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        provider.createContext("/", exchange -> {
            exchange.getRequestHeaders().forEach((name, value) -> headers.add(name + ": " + value.get(0)));
            bodies.add(EventJson.mapper().readTree(exchange.getRequestBody().readAllBytes()));
            exchange.sendResponseHeaders(answer.get(), -1);
            exchange.close();
        });
        provider.start();
        camel.getPropertiesComponent()
                .addInitialProperty(
                        "MAIL_API_URL",
                        "http://localhost:%d/emails"
                                .formatted(provider.getAddress().getPort()));
        camel.getPropertiesComponent().addInitialProperty("MAIL_API_KEY", "the-key");
        camel.getRegistry().bind("mails", Mockito.mock(Mails.class));
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(ResourceHelper.resolveMandatoryResource(
                        camel, "file:examples/places/mail-api/mail-api.camel.yaml"));
        camel.start();
    }

    @AfterEach
    void stop() throws Exception {
        camel.close();
        provider.stop(0);
    }

    @Test
    void postsWhatSmtpWouldHaveWithAKeyThatIsTheSameForAllAttempts() throws Exception {
        assertThat(send().getException()).isNull();

        JsonNode body = bodies.get(0);
        assertThat(body.path("from").asText()).isEqualTo("\"Früh\" <hello@example.com>");
        assertThat(body.path("to").asText()).isEqualTo("ada@example.com");
        assertThat(body.path("subject").asText()).isEqualTo("Grüße");
        assertThat(body.path("text").asText()).isEqualTo("plain");
        assertThat(body.path("html").asText()).isEqualTo("<p>rich</p>");
        assertThat(body.path("headers").path("List-Unsubscribe").asText()).isEqualTo("<https://example.com/u>");
        assertThat(body.path("headers").fieldNames())
                .toIterable()
                .doesNotContain("From", "To", "Subject", "Content-Type", "MIME-Version");
        assertThat(headers)
                .contains("Authorization: Bearer the-key", "Idempotency-key: " + delivery.id())
                .noneMatch(header -> header.startsWith("Camel") || header.contains("secret"));
    }

    @Test
    void anAnswerOfTheServersTroubleIsRetriedAndARefusalIsNot() throws Exception {
        answer.set(503);
        assertThat(send().getException()).isInstanceOf(IOException.class).hasMessage("the mail provider answered 503");

        answer.set(422);
        assertThat(send().getException()).isInstanceOf(DeliveryException.Permanent.class);

        provider.stop(0);
        assertThat(send().getException()).isInstanceOf(IOException.class);
    }

    private Exchange send() throws Exception {
        MimeMessage mail = new MimeMessage((Session) null);
        mail.setFrom(new InternetAddress("hello@example.com", "Früh", "UTF-8"));
        mail.setRecipient(Message.RecipientType.TO, new InternetAddress("ada@example.com"));
        mail.setSubject("Grüße", "UTF-8");
        mail.setHeader("List-Unsubscribe", "<https://example.com/u>");
        MimeBodyPart text = new MimeBodyPart();
        text.setText("plain", "UTF-8");
        MimeBodyPart html = new MimeBodyPart();
        html.setText("<p>rich</p>", "UTF-8", "html");
        mail.setContent(new MimeMultipart("alternative", text, html));
        mail.saveChanges();
        return camel.createProducerTemplate().send("direct:transmit-mail", exchange -> {
            exchange.setProperty(DeliveryLedger.DELIVERY, delivery);
            exchange.getMessage().setHeader("X-Of-A-Publisher", "secret");
            exchange.getMessage().setBody(mail);
        });
    }
}

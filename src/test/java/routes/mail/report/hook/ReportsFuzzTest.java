package routes.mail.report.hook;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.apache.hc.client5.http.classic.HttpClient;
import org.mockito.Mockito;
import org.springframework.http.HttpHeaders;
import org.springframework.web.ErrorResponseException;

/** What a stranger posts as a report, and what a provider may sign. */
class ReportsFuzzTest {

    private final Signatures signatures = new Signatures(Providers.settings(1), Mockito.mock(HttpClient.class));

    /** With no record in a field or a method's signature, which the fuzzer breaks. */
    @FuzzTest
    void aStrangerIsRefused(byte[] body) {
        for (String provider : new String[] {"ses", "postmark", "sendgrid", "mailgun", "generic"}) {
            try {
                signatures.verified(provider, new Posted(body, new HttpHeaders(), Instant.EPOCH));
                assertThat(provider).as("nobody signed this").isNull();
            } catch (ErrorResponseException e) {
                assertThat(e.getStatusCode().value()).isIn(400, 401);
            }
        }
    }

    @FuzzTest
    void anyJsonIsReadOrRefused(byte[] body) throws Exception {
        try {
            JsonNode json = Posted.json(body);
            ReportFormat.all().forEach((provider, format) -> format.read(provider, json));
        } catch (ErrorResponseException e) {
            assertThat(e.getStatusCode().value()).isEqualTo(400);
        }
    }
}

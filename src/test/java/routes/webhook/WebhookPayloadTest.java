package routes.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import routes.event.EventJson;

class WebhookPayloadTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "123456789012345678.12",
                "0.1234567890123456789",
                "1.10",
                "-0.000000001",
                "12345678901234567890123",
                "100000000000000000000000000000.5"
            })
    void aReceiverGetsNumbersAsTheyAreStored(String number) throws Exception {
        String data = "{\"amount\":%s,\"all\":[%s,{\"x\":%s}]}".formatted(number, number, number);
        JsonNode stored = EventJson.mapper().readTree(data);

        String payload =
                EventJson.mapper().writeValueAsString(new WebhookPayload.Data("u", "e", "r", "n", "t", stored));

        assertThat(payload).endsWith("\"reward_data\":" + data + "}");
    }
}

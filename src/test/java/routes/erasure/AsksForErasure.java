package routes.erasure;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import routes.Pipeline;
import routes.event.EventJson;

/** Calls the operation {@code erasure}, as an operator does. */
abstract class AsksForErasure {

    @Autowired
    Pipeline pipeline;

    /**
     * Asks for something to be done.
     *
     * @param by {@code address} or {@code user}
     * @param whom the address, or the id
     * @param in the id of a campaign, if it is for one only
     */
    HttpResponse<String> ask(String action, String by, String whom, @Nullable String in) throws Exception {
        ObjectNode json =
                EventJson.mapper().createObjectNode().put("action", action).put(by, whom);
        if (in != null) {
            json.put("campaign", in);
        }
        return pipeline.operate("erasure", json.toString());
    }

    /** The result of what must succeed. */
    JsonNode erasure(String action, String by, String whom, @Nullable String in) throws Exception {
        HttpResponse<String> response = ask(action, by, whom, in);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return EventJson.mapper().readTree(response.body());
    }
}

package routes.operation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import routes.event.EventJson;

class MaskedJsonTest {

    /** A row of the outbox that is refused may hold any JSON. */
    @Test
    void addressesAreMaskedWhereverTheyAre() {
        Object masked = MaskedJson.of("""
                {"email": "ada@example.com", "data": {"to": ["bob@example.com", {"cc": "eve@example.com"}], "eve@example.com": 1, "none": null}}""");

        assertThat(EventJson.mapper().valueToTree(masked).toString()).isEqualTo("""
                {"email":"a***@example.com","data":{"to":["b***@example.com",{"cc":"e***@example.com"}],"e***@example.com":1,"none":null}}""");
        assertThat(MaskedJson.of("[\"ada@example.com\"]")).asString().isEqualTo("[a***@example.com]");
    }
}

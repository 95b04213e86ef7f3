package routes.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.CamelExecutionException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class OutcomeTest {

    /** Camel wraps it in an exception whose message is an id of the exchange. */
    @Test
    void ofAnErrorTheReasonIsWhatItSays() {
        DefaultExchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setException(new NoClassDefFoundError("com/example/Provider"));
        assertThat(exchange.getException()).isInstanceOf(CamelExecutionException.class);

        Outcome outcome = Outcome.of(exchange.getException());

        assertThat(outcome.status()).isEqualTo(DeliveryStatus.DUE);
        assertThat(outcome.reason()).isEqualTo("java.lang.NoClassDefFoundError: com/example/Provider");
    }
}

package routes.delivery;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.seda.SedaEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Hands recorded deliveries to the workers of their group, through the queue {@code seda:<group>}. The queue is bounded:
 * a full one holds its consumer back for a while, and what still finds no room stays due in the ledger.
 */
@Component
public class HandOver {

    private static final Logger LOG = LoggerFactory.getLogger(HandOver.class);

    private final CamelContext camel;
    private final DeliveryLedger ledger;
    private final DeliverySettings settings;

    HandOver(CamelContext camel, DeliveryLedger ledger, DeliverySettings settings) {
        this.camel = camel;
        this.ledger = ledger;
        this.settings = settings;
    }

    /** Hands deliveries of one group over, in their order. */
    public void offer(List<Delivery> deliveries) throws InterruptedException {
        long deadline = System.nanoTime() + settings.handOverTimeout().toNanos();
        for (int i = 0; i < deliveries.size(); i++) {
            SedaEndpoint queue = queue(deliveries.get(i).group());
            Exchange exchange = queue.createExchange();
            exchange.getMessage().setBody(deliveries.get(i));
            exchange.setProperty(DeliveryLedger.DELIVERY, deliveries.get(i));
            if (!queue.getQueue().offer(exchange, deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                List<Delivery> rest = deliveries.subList(i, deliveries.size());
                LOG.info("{} deliveries stay due in the ledger: the queue {} is full", rest.size(), queue);
                ledger.release(rest);
                return;
            }
        }
    }

    /** How many deliveries of a group find room now. */
    public int room(String group) {
        return queue(group).getQueue().remainingCapacity();
    }

    private SedaEndpoint queue(String group) {
        return camel.getEndpoint("seda:" + group, SedaEndpoint.class);
    }
}

package routes.kafka;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.support.DefaultMessage;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.springframework.stereotype.Component;
import routes.delivery.OutcomeEvent;
import routes.event.DomainEvent;
import routes.event.EventWriter;
import routes.event.InvalidEventException;
import routes.event.Published;

/** Turns events into records, and Kafka's acknowledgements into an answer. */
@Component
public class PublishedRecords {

    private static final String EVENTS = "events";

    private final EventWriter writer;

    PublishedRecords(EventWriter writer) {
        this.writer = writer;
    }

    /**
     * One message per event, with the campaign as its key, so that a campaign's events share a partition and keep their order. None
     * is written if one of them is invalid.
     */
    public List<Message> write(List<DomainEvent> events, Exchange exchange) throws InvalidEventException {
        exchange.setProperty(EVENTS, events);
        List<Message> messages = new ArrayList<>(events.size());
        for (DomainEvent event : events) {
            messages.add(message(exchange, event.campaignId(), writer.write(event), writer.headers(event)));
        }
        return messages;
    }

    /** One message per outcome, written like events. */
    public List<Message> outcomes(List<OutcomeEvent> outcomes, Exchange exchange) {
        return outcomes.stream()
                .map(outcome -> message(
                        exchange,
                        outcome.campaignId(),
                        outcome.json().getBytes(StandardCharsets.UTF_8),
                        EventWriter.headers(outcome.eventId().toString(), outcome.type(), outcome.createdAt())))
                .toList();
    }

    private static Message message(Exchange exchange, String campaign, byte[] value, Map<String, String> headers) {
        Message message = new DefaultMessage(exchange.getContext());
        message.setBody(value);
        message.setHeader(KafkaConstants.KEY, campaign);
        headers.forEach(message::setHeader);
        return message;
    }

    /** Where each event was written, in the order of the events. */
    public List<Published> published(@ExchangeProperty(EVENTS) List<DomainEvent> events, List<Message> messages) {
        List<Published> published = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            RecordMetadata written = (RecordMetadata)
                    Objects.requireNonNull(messages.get(i).getHeader(KafkaConstants.KAFKA_RECORD_META, List.class))
                            .get(0);
            published.add(new Published(events.get(i).id(), written.topic(), written.partition(), written.offset()));
        }
        return published;
    }
}

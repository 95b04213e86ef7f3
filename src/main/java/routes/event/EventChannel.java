package routes.event;

import java.util.List;

/** What carries published events to the brokers. */
@FunctionalInterface
public interface EventChannel {

    /**
     * Writes events in the order of the list, none when one of them is invalid, and returns when the brokers have acknowledged all.
     *
     * @return where each was written, in the same order
     * @throws InvalidEventException when one is nothing that this service would read
     * @throws PublishingException when the brokers did not acknowledge all; some may have been written
     */
    List<Published> write(List<DomainEvent> events) throws InvalidEventException;
}

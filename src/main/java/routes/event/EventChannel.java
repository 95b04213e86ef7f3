package routes.event;

import java.util.List;

/** What carries published events to the brokers. */
@FunctionalInterface
public interface EventChannel {

    /**
     * Writes events in the order of the list, or none if one of them is invalid, and returns when the brokers have acknowledged all.
     *
     * @return where each was written, in the same order
     * @throws InvalidEventException when this service would not accept one of them
     * @throws PublishingException when the brokers did not acknowledge all; some may have been written anyway
     */
    List<Published> write(List<DomainEvent> events) throws InvalidEventException;
}

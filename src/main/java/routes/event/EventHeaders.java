package routes.event;

import org.jspecify.annotations.Nullable;

/** The headers of a record that can be part of an event (CloudEvents, binary content mode). */
@FunctionalInterface
public interface EventHeaders {

    /** No headers: everything is in the value. */
    EventHeaders NONE = name -> null;

    /** The last header of this name as text, or null. */
    @Nullable
    String get(String name);
}

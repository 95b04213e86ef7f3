package routes.event;

import org.jspecify.annotations.Nullable;

/** The headers of a record, as far as an event can be in them (CloudEvents, binary content mode). */
@FunctionalInterface
public interface EventHeaders {

    /** No headers: the value says it all. */
    EventHeaders NONE = name -> null;

    /** The last header of this name as text, or null. */
    @Nullable
    String get(String name);
}

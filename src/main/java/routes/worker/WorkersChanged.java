package routes.worker;

/**
 * Somebody has changed how many workers a group has on this instance.
 *
 * @param workers how many there are now
 */
public record WorkersChanged(String group, int workers) {}

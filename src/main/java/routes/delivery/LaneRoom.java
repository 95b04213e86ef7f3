package routes.delivery;

import java.util.Map;

/**
 * How much of what waits in lanes can be taken now.
 *
 * @param lanes how many deliveries of each lane that is known here; of any other one
 * @param limit how many of all together
 */
public record LaneRoom(Map<String, Integer> lanes, int limit) {}

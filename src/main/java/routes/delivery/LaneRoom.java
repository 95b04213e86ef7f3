package routes.delivery;

import java.util.Map;

/**
 * How many deliveries can be taken from lanes now.
 *
 * @param lanes how many from each lane that is known here; from any other, one
 * @param limit how many in total
 */
public record LaneRoom(Map<String, Integer> lanes, int limit) {}

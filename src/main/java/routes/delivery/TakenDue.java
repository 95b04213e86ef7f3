package routes.delivery;

import java.util.List;

/**
 * Due deliveries that were taken.
 *
 * @param last when the last one of each kind was due; {@link DueMarks#BEGINNING} of a kind of which there were none
 * @param full whether as many were taken as were asked for, so that there may be more
 */
public record TakenDue(List<Delivery> deliveries, DueMarks last, boolean full) {}

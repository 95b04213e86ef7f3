package routes.console;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import routes.delivery.ConsumerGroup;
import routes.delivery.ConsumerGroups;
import routes.delivery.DeliveryStatus;

/** An option of a select box. */
record Choice(String value, boolean chosen) {

    static List<Choice> groups(ConsumerGroups groups, @Nullable String chosen) {
        return of(groups.all().stream().map(ConsumerGroup::name).toList(), chosen);
    }

    static List<Choice> statuses(@Nullable String chosen) {
        return of(
                Arrays.stream(DeliveryStatus.values())
                        .map(DeliveryStatus::value)
                        .toList(),
                chosen);
    }

    static List<Choice> of(List<String> values, @Nullable String chosen) {
        return values.stream()
                .map(value -> new Choice(value, value.equals(chosen)))
                .toList();
    }
}

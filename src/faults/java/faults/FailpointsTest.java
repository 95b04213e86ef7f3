package faults;

import static org.assertj.core.api.Assertions.assertThat;

import faults.agent.FailpointAgent;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Failpoints name methods by text: after a rename a fault would wait for a point that nobody reaches. */
class FailpointsTest {

    static final List<Map.Entry<String, List<String>>> STEPS = List.copyOf(FailpointAgent.STEPS.entrySet());

    static List<String> points() {
        return FailpointsIT.points();
    }

    @ParameterizedTest
    @FieldSource("STEPS")
    void everyStepIsAMethodThatExists(Map.Entry<String, List<String>> step) throws Exception {
        Class<?> type = Class.forName(step.getKey(), false, getClass().getClassLoader());

        assertThat(type.getDeclaredMethods()).extracting(Method::getName).containsAll(step.getValue());
    }

    @ParameterizedTest
    @MethodSource("points")
    void everyPointOfTheTestsLiesInAStep(String point) {
        int space = point.indexOf(' ');
        int dot = point.lastIndexOf('.', space);

        assertThat(FailpointAgent.STEPS.getOrDefault(point.substring(0, dot), List.of()))
                .contains(point.substring(dot + 1, space));
        assertThat(point.substring(space + 1)).isIn("enter", "leave");
    }
}

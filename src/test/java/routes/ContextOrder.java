package routes;

import java.util.Arrays;
import java.util.Comparator;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;
import org.springframework.test.context.TestPropertySource;

/**
 * Tests that share a Spring context run one after the other: only one context lives at a time, and each start of one takes
 * seconds. What needs none comes last, such as the fault tests with servers of their own.
 */
public class ContextOrder implements ClassOrderer {

    private static final Comparator<ClassDescriptor> ORDER = Comparator.comparing(
                    (ClassDescriptor test) -> !test.isAnnotated(OnPlatform.class))
            .thenComparing(ContextOrder::properties)
            .thenComparing(test -> test.getTestClass().getName());

    @Override
    public void orderClasses(ClassOrdererContext context) {
        context.getClassDescriptors().sort(ORDER);
    }

    private static String properties(ClassDescriptor test) {
        return test.findAnnotation(TestPropertySource.class)
                .map(source -> Arrays.toString(source.properties()))
                .orElse("");
    }
}

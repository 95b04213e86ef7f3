package routes.hawtio;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.NamedNode;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.WhenDefinition;
import org.springframework.stereotype.Component;
import org.springframework.util.ClassUtils;

/**
 * Gives each step of a route that has no id one that says what it does, such as {@code welcome (mails)} for
 * {@code .bean(mails, "welcome")}, for diagrams and MBeans: Hawtio shows it in place of {@code Bean}, and the MBean is no longer
 * {@code bean125}, with another number in each version.
 *
 * <p>Camel wants an id to be unique among all routes, so the second of a name has that of its route behind it.
 */
@Component
class StepNames extends ModelLifecycleStrategySupport {

    private static final Pattern LITERAL = Pattern.compile("'([^']+)'");
    private static final Pattern WORDS = Pattern.compile("(?<=[a-z])(?=[A-Z])");
    private static final String ROUTE = "direct:";

    /** The route of each name. */
    private final Map<String, String> taken = new HashMap<>();

    @Override
    public synchronized void onAddRouteDefinition(RouteDefinition route) {
        String id = route.getRouteId();
        taken.values().removeIf(id::equals); // of the one before it, when a route is loaded again
        nameAll(route.getChildren(), id);
    }

    private void nameAll(List<NamedNode> steps, String route) {
        for (NamedNode step : steps) {
            String name = name(step);
            if (step instanceof OptionalIdentifiedDefinition<?> definition && step.getId() == null && !name.isEmpty()) {
                definition.setGeneratedId(unique(name, route)); // setId of a branch would name its last step
                definition.setCustomId(true);
            }
            nameAll(step.getChildren(), route);
        }
    }

    /** What it does; empty if that cannot be told from its definition. */
    private static String name(NamedNode step) {
        if (step instanceof BeanDefinition bean && bean.getMethod() != null) {
            String method = bean.getMethod().split("\\(", 2)[0];
            return "%s (%s)".formatted(words(method), words(whose(bean)));
        }
        if (step instanceof ToDefinition to
                && to.getUri() != null
                && to.getUri().startsWith(ROUTE)) {
            return "to " + to.getUri().substring(ROUTE.length());
        }
        if (step instanceof WhenDefinition when && when.getExpression() != null) {
            Matcher literal =
                    LITERAL.matcher(String.valueOf(when.getExpression().getExpression()));
            return literal.find() ? "if " + literal.group(1) : "";
        }
        return "";
    }

    private static String whose(BeanDefinition bean) {
        if (bean.getBean() != null) {
            return ClassUtils.getUserClass(bean.getBean()).getSimpleName();
        }
        return bean.getBeanClass() == null
                ? String.valueOf(bean.getRef())
                : bean.getBeanClass().getSimpleName();
    }

    /** {@code delivery ledger} of {@code DeliveryLedger}. */
    private static String words(String name) {
        return String.join(" ", WORDS.split(name)).toLowerCase(Locale.ROOT);
    }

    private String unique(String name, String route) {
        String candidate = name;
        for (int n = 1; taken.putIfAbsent(candidate, route) != null; n++) {
            candidate = n == 1 ? name + " in " + route : name + " in " + route + " " + n;
        }
        return candidate;
    }
}

package routes.settings;

import java.time.Duration;
import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Refuses durations without a unit: whoever writes {@code RETRY_SCHEDULE=5,300} means seconds, and Spring would take milliseconds. That
 * goes for the settings of this service, and for those of Spring that have a variable here; Spring's others follow its own rules.
 */
@Component
class DurationUnits implements ConfigurationPropertiesBindHandlerAdvisor {

    /** One of several values, perhaps; 0 needs no unit. */
    private static final Pattern WITHOUT_UNIT = Pattern.compile("(^|,)\\s*[+-]?0*[1-9]\\d*\\s*(,|$)");

    private final Environment environment;

    DurationUnits(Environment environment) {
        this.environment = environment;
    }

    @Override
    public BindHandler apply(BindHandler handler) {
        return new AbstractBindHandler(handler) {

            private boolean isOurs;

            @Override
            public <T> @Nullable Bindable<T> onStart(
                    ConfigurationPropertyName name, Bindable<T> target, BindContext context) {
                if (context.getDepth() == 0) {
                    isOurs = target.getType().toClass().getName().startsWith("routes.");
                }
                return super.onStart(name, target, context);
            }

            @Override
            public @Nullable Object onSuccess(
                    ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result) {
                ConfigurationProperty property = context.getConfigurationProperty();
                if (property != null
                        && property.getName().equals(name)
                        && isDuration(result)
                        && (isOurs || hasVariable(name, context))) {
                    requireUnit(name, environment.resolvePlaceholders(String.valueOf(property.getValue())));
                }
                return super.onSuccess(name, target, context, result);
            }
        };
    }

    private static boolean isDuration(Object result) {
        return result instanceof Duration
                || (result instanceof Collection<?> several && several.stream().anyMatch(Duration.class::isInstance));
    }

    private static boolean hasVariable(ConfigurationPropertyName name, BindContext context) {
        return StreamSupport.stream(context.getSources().spliterator(), false)
                .map(source -> source.getConfigurationProperty(name))
                .anyMatch(property -> property != null
                        && OwnVariables.PLACEHOLDER
                                .matcher(String.valueOf(property.getValue()))
                                .matches());
    }

    private static void requireUnit(ConfigurationPropertyName name, String value) {
        if (WITHOUT_UNIT.matcher(value).find()) {
            throw new InvalidSettingException(
                    name.toString(),
                    "is \"%s\", without a unit: write a duration, such as 500ms, 5s or 2h".formatted(value));
        }
    }
}

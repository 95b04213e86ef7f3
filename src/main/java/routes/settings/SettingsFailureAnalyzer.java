package routes.settings;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.util.ObjectHelper;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/**
 * Says which setting keeps the service from starting, by its environment variable and its key, and what to write instead.
 * Values of secrets are not shown.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class SettingsFailureAnalyzer implements FailureAnalyzer {

    private static final Pattern SECRET = Pattern.compile("password|secret|api-?key|jaas", Pattern.CASE_INSENSITIVE);

    /** An entry of a list, where a variable has all of them. */
    private static final Pattern ENTRY = Pattern.compile("(.+)\\[(\\d+)].*");

    private final Environment environment;

    SettingsFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            List<String> sentences = new ArrayList<>(sentences(cause));
            if (!sentences.isEmpty()) {
                // Checked later than this service's settings; reporting it now saves a second failed start.
                RequiredSettings.problemOf(environment.getProperty(RequiredSettings.DATABASE_URL))
                        .map(this::sentence)
                        .filter(sentence -> !sentences.contains(sentence))
                        .ifPresent(sentences::add);
                return new FailureAnalysis(
                        String.join(System.lineSeparator(), sentences),
                        "All settings and their defaults are in docs/reference/settings.md.",
                        failure);
            }
        }
        return null;
    }

    private List<String> sentences(Throwable cause) {
        if (cause instanceof InvalidSettingException invalid) {
            return Stream.concat(Stream.of(invalid), Stream.of(invalid.getSuppressed()))
                    .filter(InvalidSettingException.class::isInstance)
                    .map(each -> sentence((InvalidSettingException) each))
                    .toList();
        }
        if (cause instanceof BindValidationException validation) {
            return validation.getValidationErrors().getAllErrors().stream()
                    .map(error ->
                            violation(validation.getValidationErrors().getName().toString(), error))
                    .toList();
        }
        if (cause instanceof UnboundConfigurationPropertiesException unbound) {
            return unbound.getUnboundProperties().stream()
                    .map(property -> "%s is not a setting of this service: remove it, or correct its name."
                            .formatted(property.getName()))
                    .toList();
        }
        if (cause instanceof BindException bind && bind.getProperty() != null && isConversion(bind)) {
            String key = bind.getProperty().getName().toString();
            return List.of("%s %s: write %s.".formatted(name(key), shown(key), expected(bind)));
        }
        if (cause instanceof ConversionFailedException) {
            return Stream.of("server.port", "management.server.port")
                    .flatMap(port -> ofPort(port).stream())
                    .toList();
        }
        if (cause instanceof SQLException sql && sql.getSQLState() != null && isUnreachable(sql.getSQLState())) {
            return List.of("%s names a database that cannot be used: %s"
                    .formatted(name("spring.datasource.url"), sql.getMessage()));
        }
        return List.of();
    }

    /** Spring reads the ports early, and then its exception has no key. */
    private List<String> ofPort(String key) {
        try {
            Binder.get(environment).bind(key, Integer.class);
            return List.of();
        } catch (BindException e) {
            return sentences(e);
        }
    }

    private String sentence(InvalidSettingException invalid) {
        return "%s %s.".formatted(name(invalid.key()), invalid.getMessage());
    }

    private String violation(String prefix, ObjectError error) {
        if (error instanceof FieldError field && !(field.getRejectedValue() instanceof Boolean)) {
            String key = prefix + "." + DataObjectPropertyName.toDashedForm(field.getField());
            Matcher entry = ENTRY.matcher(key);
            return entry.matches() && environment.getProperty(key) == null
                    ? "%s: entry %d %s: %s."
                            .formatted(
                                    name(entry.group(1)),
                                    Integer.parseInt(entry.group(2)) + 1,
                                    shownEntry(entry.group(1), field.getRejectedValue()),
                                    error.getDefaultMessage())
                    : "%s %s: %s.".formatted(name(key), shown(key), error.getDefaultMessage());
        }
        return "%s: %s.".formatted(prefix, error.getDefaultMessage()); // a rule across settings
    }

    /** One of several values that are separated by commas; of a secret only its length. */
    private static String shownEntry(String key, @Nullable Object value) {
        if (!SECRET.matcher(key).find()) {
            return "is \"%s\"".formatted(value);
        }
        return value == null
                ? "is wrong"
                : "has %d characters".formatted(value.toString().length());
    }

    private static boolean isConversion(BindException failure) {
        return ObjectHelper.getException(UnboundConfigurationPropertiesException.class, failure) == null
                && ObjectHelper.getException(InvalidSettingException.class, failure) == null
                && ObjectHelper.getException(BindValidationException.class, failure) == null;
    }

    /** Connection exceptions, refused authorization, no such database (PostgreSQL, appendix A). */
    private static boolean isUnreachable(String state) {
        return state.startsWith("08") || state.startsWith("28") || state.equals("3D000");
    }

    /** The variable that the key is read from, by application.yaml or by Spring's rules, and the key; only the key if there is none. */
    private String name(String key) {
        ConfigurationPropertyName name = ConfigurationPropertyName.ofIfValid(key);
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            ConfigurationProperty property = name == null ? null : source.getConfigurationProperty(name);
            if (property != null) {
                Matcher placeholder = OwnVariables.PLACEHOLDER.matcher(String.valueOf(property.getValue()));
                if (placeholder.matches()) {
                    return "%s (%s)".formatted(placeholder.group(1), key);
                }
                return property.getOrigin() instanceof PropertySourceOrigin origin
                                && origin.getPropertySource() instanceof SystemEnvironmentPropertySource
                        ? "%s (%s)".formatted(origin.getPropertyName(), key)
                        : key;
            }
        }
        return key;
    }

    /** The value, with its placeholders resolved; secrets are not shown. */
    private String shown(String key) {
        String value = environment.getProperty(key);
        if (value == null || value.isBlank()) {
            return "is missing";
        }
        return SECRET.matcher(key).find() ? "is wrong" : "is \"%s\"".formatted(value);
    }

    /** What a value of the target's type looks like. */
    private static String expected(BindException failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause.getCause() == null
                    && cause instanceof IllegalArgumentException
                    && cause.getMessage() != null
                    && cause.getMessage().startsWith("write ")) {
                return cause.getMessage().substring("write ".length());
            }
        }
        return expected(failure.getTarget().getType());
    }

    private static String expected(ResolvableType target) {
        Class<?> type = target.resolve(Object.class);
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        return switch (type.getSimpleName()) {
            case "int", "Integer", "short", "Short", "long", "Long" -> "a whole number";
            case "double", "Double" -> "a number";
            case "boolean", "Boolean" -> "true or false";
            case "InetAddress" -> "an address of this machine, such as 127.0.0.1 or 0.0.0.0";
            case "Duration" -> "a duration, such as 500ms, 5s or 2h";
            case "List" -> "values separated by commas, each " + expected(target.getGeneric());
            default -> "a value of the type " + type.getSimpleName();
        };
    }
}

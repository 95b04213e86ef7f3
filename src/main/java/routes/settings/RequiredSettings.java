package routes.settings;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.spring.boot.CamelConfigurationProperties;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Checks Spring's and Camel's settings that have no default here, secrets, and names, before any bean uses them. */
@Configuration(proxyBeanMethods = false)
class RequiredSettings {

    static final String DATABASE_URL = "spring.datasource.url";

    private static final List<String> SECRETS = List.of(
            "spring.datasource.password",
            "mail.password",
            "mail.secrets",
            "mail.fallback.password",
            "bounces.password",
            "management.login.password",
            "management.login.oidc.client-secret",
            "publishing.api-key",
            "reports.postmark-passwords",
            "camel.component.kafka.sasl-jaas-config");
    private static final Pattern EXAMPLE = Pattern.compile("\\bchange[-_ ]?me\\b", Pattern.CASE_INSENSITIVE);

    /** A value copied from the example is publicly known. All are reported at once, since they are copied together. */
    @Bean
    static BeanFactoryPostProcessor refuseExampleSecrets(Environment environment) {
        return factory -> InvalidSettingException.throwAll(Stream.concat(
                        SECRETS.stream(), passwordsOfUsers(environment))
                .filter(key -> EXAMPLE.matcher(environment.getProperty(key, "")).find())
                .map(key ->
                        new InvalidSettingException(key, "is the value of the example: write a secret of your own")));
    }

    /** Camel ignores an option of its own that it does not have, such as one with a typo. Errors of values are Spring's to report. */
    @Bean
    static BeanFactoryPostProcessor refuseUnknownOptionsOfCamel(Environment environment) {
        return factory -> {
            try {
                Binder.get(environment)
                        .bind(
                                "camel.main",
                                Bindable.ofInstance(new CamelConfigurationProperties().getMain()),
                                new NoUnboundElementsBindHandler(
                                        BindHandler.DEFAULT, new UnboundElementsSourceFilter()));
            } catch (BindException e) {
                if (e.getCause() instanceof UnboundConfigurationPropertiesException unknown) {
                    InvalidSettingException.throwAll(unknown.getUnboundProperties().stream()
                            .map(property -> new InvalidSettingException(
                                    property.getName().toString(),
                                    "is not an option of Camel: remove it, or correct its name")));
                }
            }
        };
    }

    private static Stream<String> passwordsOfUsers(Environment environment) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj("management.login.users[%d].password"::formatted)
                .takeWhile(environment::containsProperty);
    }

    /** Settings are checked before connecting, so a mistake is reported even without a database. */
    @Bean
    static BeanFactoryPostProcessor settingsBeforeDatabase() {
        return factory -> {
            String[] settings = Stream.of(factory.getBeanNamesForAnnotation(ConfigurationProperties.class))
                    .filter(name -> name.contains("-routes."))
                    .toArray(String[]::new);
            for (String database : factory.getBeanNamesForType(DataSource.class, true, false)) {
                factory.getBeanDefinition(database).setDependsOn(settings);
            }
        };
    }

    @Bean
    static BeanPostProcessor requireDatabase() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                if (bean instanceof DataSourceProperties database) {
                    problemOf(database.getUrl()).ifPresent(problem -> {
                        throw problem;
                    });
                }
                return bean;
            }
        };
    }

    /** The problem of the database URL, if any. */
    static Optional<InvalidSettingException> problemOf(@Nullable String url) {
        if (url != null && url.startsWith("jdbc:postgresql:")) {
            return Optional.empty();
        }
        return Optional.of(
                new InvalidSettingException(
                        DATABASE_URL,
                        (url == null || url.isBlank() ? "is missing" : "is not a PostgreSQL URL")
                                + ": write the URL of the application's database, such as jdbc:postgresql://localhost:5432/app"));
    }
}

package routes.settings;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Settings of Spring's own that have no default here, and secrets, checked before anything is made of them. */
@Configuration(proxyBeanMethods = false)
class RequiredSettings {

    static final String DATABASE_URL = "spring.datasource.url";

    private static final List<String> SECRETS = List.of(
            "spring.datasource.password",
            "mail.password",
            "management.login.password",
            "management.login.oidc.client-secret",
            "publishing.api-key",
            "camel.component.kafka.sasl-jaas-config");
    private static final Pattern EXAMPLE = Pattern.compile("\\bchange[-_ ]?me\\b", Pattern.CASE_INSENSITIVE);

    /** An example that was copied as it stands is known to everybody. */
    @Bean
    static BeanFactoryPostProcessor refuseExampleSecrets(Environment environment) {
        return factory -> Stream.concat(SECRETS.stream(), passwordsOfUsers(environment))
                .forEach(key -> {
                    if (EXAMPLE.matcher(environment.getProperty(key, "")).find()) {
                        throw new InvalidSettingException(key, "is the value of the example: write a secret of your own");
                    }
                });
    }

    private static Stream<String> passwordsOfUsers(Environment environment) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj("management.login.users[%d].password"::formatted)
                .takeWhile(environment::containsProperty);
    }

    /** Settings are read before a connection is tried: what is wrong with them needs no database to be told. */
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

    /** What is wrong with the URL of the database, if anything is. */
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

package routes.settings;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Settings of Spring's own that have no default here, checked before anything is made of them. */
@Configuration(proxyBeanMethods = false)
class RequiredSettings {

    @Bean
    static BeanFactoryPostProcessor requireDatabase(Environment environment) {
        return factory -> {
            String url = environment.getProperty("spring.datasource.url", "");
            if (!url.startsWith("jdbc:postgresql:")) {
                throw new InvalidSettingException(
                        "spring.datasource.url",
                        (url.isBlank() ? "is missing" : "is no URL of PostgreSQL")
                                + ": write the URL of the application's database, such as jdbc:postgresql://localhost:5432/app");
            }
        };
    }
}

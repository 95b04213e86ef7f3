package routes;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.camel.component.kafka.KafkaClientFactory;
import org.apache.camel.support.OrderedComparator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import routes.background.Masking;
import routes.delivery.Dependencies;
import routes.kafka.Topics;
import routes.settings.InvalidSettingException;

/**
 * {@code --check}: finds all that is wrong with settings, route files, templates and SQL files, by making every bean of the
 * service and starting none. Nothing listens, and nothing is connected to; only {@code --check=connections} asks Kafka,
 * PostgreSQL and the SMTP server.
 */
final class Check {

    private static final String CONNECTIONS = "--check=connections";
    private static final Set<String> ASKED = Set.of("check", "--check", CONNECTIONS);

    private static final Map<String, String> NOTHING_STARTS = Map.of(
            "only-checked", "true",
            "spring.flyway.enabled", "false",
            "spring.jmx.enabled", "false",
            "camel.main.jmx-enabled", "false",
            "camel.main.auto-startup", "false",
            "logging.level.root", "error",
            "logging.level.org.springframework.boot", "off", // the check itself says why it failed
            "logging.level.routes", "error",
            "logging.level.routes.settings", "warn",
            "logging.level.routes.yaml", "warn");

    private final ConfigurableEnvironment environment;
    private final boolean connecting;
    private final Set<String> problems = new LinkedHashSet<>();

    /** Most likely consequences of the problems, if there are any. */
    private final List<Throwable> unexplained = new ArrayList<>();

    private volatile boolean databaseIsOpen;

    private Check(ConfigurableEnvironment environment, boolean connecting) {
        this.environment = environment;
        this.connecting = connecting;
    }

    /** Whether the arguments of the process ask for a check. */
    static boolean isAsked(String... args) {
        return Stream.of(args).anyMatch(ASKED::contains);
    }

    /**
     * Prints what is wrong, a line each, or that all is well.
     *
     * @return the exit code of the process: 0 if all is well, otherwise 1
     */
    static int run(String... args) {
        Set<String> problems = problems(new SpringApplication(Application.class), new StandardEnvironment(), args);
        problems.forEach(System.out::println);
        System.out.println(problems.isEmpty() ? "All is well." : "Problems: " + problems.size());
        return problems.isEmpty() ? 0 : 1;
    }

    /** What is wrong with an application in its environment, each with its place and reason. */
    static Set<String> problems(SpringApplication application, ConfigurableEnvironment environment, String... args) {
        Check check = new Check(environment, List.of(args).contains(CONNECTIONS));
        Map<String, Object> settings = new HashMap<>(NOTHING_STARTS);
        if (check.connecting) {
            settings.put("mail.timeout", "5s");
        }
        environment.getPropertySources().addFirst(new MapPropertySource("check", settings));
        application.setEnvironment(environment);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setRegisterShutdownHook(false);
        application.setApplicationContextFactory(type -> check.new Beans());
        application.addInitializers(check::prepare);
        try (ConfigurableApplicationContext context = application.run(args)) {
            if (check.connecting && check.problems.isEmpty()) {
                check.connect(context);
            }
        } catch (RuntimeException e) { // such as a role that there is not, which says what beans there are
            check.tell(e);
        }
        if (check.problems.isEmpty()) {
            check.unexplained.forEach(failure -> check.problems.add(reason(failure)));
        }
        return check.problems;
    }

    /** The beans can be made one by one, and none is started. */
    private final class Beans extends AnnotationConfigApplicationContext {

        @Override
        protected void finishBeanFactoryInitialization(ConfigurableListableBeanFactory factory) {
            for (String name : factory.getBeanDefinitionNames()) {
                BeanDefinition definition = factory.getMergedBeanDefinition(name);
                if (definition.isSingleton() && !definition.isAbstract() && !definition.isLazyInit()) {
                    attempt(() -> factory.getBean(name));
                }
            }
            tryRoutes(factory);
        }

        @Override
        protected void finishRefresh() {
            // Here an application starts.
        }
    }

    /** The settings of the ports: only a web server would read them. */
    @EnableConfigurationProperties({
        ServerProperties.class,
        TomcatServerProperties.class,
        ManagementServerProperties.class
    })
    private static final class Ports {}

    private void prepare(ConfigurableApplicationContext context) {
        ConfigurableListableBeanFactory factory = context.getBeanFactory();
        factory.registerSingleton("everyWrongSetting", (ConfigurationPropertiesBindHandlerAdvisor)
                parent -> new Collecting(connecting ? parent : new AddressesUnasked(parent, environment)));
        ((Beans) context).register(Ports.class);
        factory.addBeanPostProcessor(new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                return bean instanceof DataSource database
                        ? new ClosedDatabase(database)
                        : bean instanceof KafkaClientFactory ? new ClosedKafka() : bean;
            }
        });
        context.addBeanFactoryPostProcessor(this::tryPostProcessors);
    }

    /** Those of this service refuse settings, and the first refusal would end the check. */
    private void tryPostProcessors(ConfigurableListableBeanFactory factory) {
        for (String name : factory.getBeanNamesForType(BeanFactoryPostProcessor.class, true, false)) {
            String type = factory.getBeanDefinition(name).getBeanClassName();
            if (type != null && type.startsWith("routes.")) {
                attempt(() ->
                        factory.getBean(name, BeanFactoryPostProcessor.class).postProcessBeanFactory(factory));
                ((BeanDefinitionRegistry) factory).removeBeanDefinition(name);
            }
        }
    }

    /** Creates the routes without starting them, as far as their beans could be made. */
    private void tryRoutes(ConfigurableListableBeanFactory factory) {
        List<RoutesBuilder> builders = Stream.of(factory.getBeanNamesForType(RoutesBuilder.class, true, false))
                .filter(factory::containsSingleton)
                .map(name -> factory.getBean(name, RoutesBuilder.class))
                .sorted(OrderedComparator.get())
                .toList();
        boolean canTry = Stream.of(CamelContext.class, SharedPolicy.class, EventConsumerTemplate.class)
                .flatMap(type -> Stream.of(factory.getBeanNamesForType(type, true, false)))
                .allMatch(factory::containsSingleton);
        if (!canTry) {
            builders.stream()
                    .filter(SmartInitializingSingleton.class::isInstance)
                    .forEach(files -> attempt(((SmartInitializingSingleton) files)::afterSingletonsInstantiated));
            problems.add("The routes can be checked in full only when the settings are right.");
            return;
        }
        CamelContext camel = factory.getBean(CamelContext.class);
        attempt(camel::start);
        for (RoutesBuilder builder : builders) {
            if (builder instanceof RouteConfigurationsBuilder configurations) {
                attempt(() -> camel.addRoutesConfigurations(configurations));
            }
        }
        for (RoutesBuilder builder : builders) {
            attempt(() -> {
                camel.addRoutes(builder);
                camel.addTemplatedRoutes(builder);
            });
        }
    }

    private void connect(ConfigurableApplicationContext context) {
        databaseIsOpen = true;
        Dependencies dependencies = context.getBean(Dependencies.class);
        for (String name : dependencies.names()) {
            ask(name, () -> dependencies.ask(name));
        }
        ask("kafka", () -> {
            try (Admin admin = Admin.create(Topics.properties(context.getBean(CamelContext.class)))) {
                admin.listTopics().names().get();
            }
        });
    }

    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    private void ask(String name, Work work) {
        try {
            work.run();
        } catch (Exception e) {
            if (!explain(e)) {
                problems.add("%s cannot be used: %s".formatted(name, Masking.mask(reason(e))));
            }
        }
    }

    private void attempt(Work work) {
        try {
            work.run();
        } catch (Exception e) {
            tell(e);
        }
    }

    private void tell(Exception failure) {
        if (!explain(failure)) {
            unexplained.add(failure);
        }
    }

    /** In the words in which the start would explain it, if there are some. */
    private boolean explain(Exception failure) {
        ArgumentResolver arguments = ArgumentResolver.of(Environment.class, environment);
        for (FailureAnalyzer analyzer : SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, arguments, FailureHandler.handleMessage((message, cause) -> {}))) {
            FailureAnalysis analysis = analyzer.analyze(failure);
            if (analysis != null) {
                analysis.getDescription().lines().forEach(problems::add);
                return true;
            }
        }
        return false;
    }

    private static String reason(Throwable failure) {
        return NestedExceptionUtils.getMostSpecificCause(failure).toString();
    }

    /** Collects what is wrong with a setting, and continues with the next. */
    private final class Collecting extends AbstractBindHandler {

        Collecting(BindHandler parent) {
            super(parent);
        }

        @Override
        public @Nullable Object onFailure(
                ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error) {
            attempt(() -> {
                if (error instanceof InvalidSettingException) {
                    throw error;
                }
                Binder.get(environment).bind(name, target); // the same failure, with its key
            });
            super.onSuccess(name, target, context, ""); // the key itself is right
            return null;
        }

        @Override
        public void onFinish(
                ConfigurationPropertyName name, Bindable<?> target, BindContext context, @Nullable Object result) {
            attempt(() -> super.onFinish(name, target, context, result));
        }
    }

    /** A producer is created with its route, and connects at once. */
    private static final class ClosedKafka extends DefaultKafkaClientFactory {

        @Override
        @SuppressWarnings("rawtypes")
        public Producer getProducer(Properties properties) {
            ProducerConfig.configDef().parse(properties); // refuses wrong values
            return new MockProducer<>();
        }
    }

    /** The pool has its settings, and no connection before the check asks for one. */
    private final class ClosedDatabase extends DelegatingDataSource {

        ClosedDatabase(DataSource database) {
            super(database);
        }

        @Override
        public Connection getConnection() throws SQLException {
            if (!databaseIsOpen) {
                throw new SQLException("A check connects to nothing");
            }
            return super.getConnection();
        }
    }
}

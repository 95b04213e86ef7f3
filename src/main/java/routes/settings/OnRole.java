package routes.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * A bean, such as a route, that exists only in some roles ({@code service.roles}). Beans without this annotation exist in
 * every role, including the shared housekeeping, which serves the groups of its instance.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Conditional(OnRole.HasOne.class)
public @interface OnRole {

    /** The roles that need it. */
    Role[] value();

    /** Whether this instance has one of the roles. */
    class HasOne implements Condition {
        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata marked) {
            Role[] roles = marked.getAnnotations()
                    .get(OnRole.class)
                    .getValue("value", Role[].class)
                    .orElseThrow();
            return of(context).includesOneOf(roles);
        }

        /** Read once: to bind the setting for each of these conditions took 4 % of a start. */
        private static RoleSettings of(ConditionContext context) {
            ConfigurableListableBeanFactory beans = context.getBeanFactory();
            if (beans == null) { // a scan without an application
                return RoleSettings.of(context.getEnvironment());
            }
            if (beans.getSingleton(Once.class.getName()) instanceof Once known) {
                return known.roles();
            }
            RoleSettings roles = RoleSettings.of(context.getEnvironment());
            beans.registerSingleton(Once.class.getName(), new Once(roles));
            return roles;
        }

        /** Not the settings themselves, of which there is a bean. */
        private record Once(RoleSettings roles) {}
    }
}

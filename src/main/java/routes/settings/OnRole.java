package routes.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
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
            return RoleSettings.of(context.getEnvironment()).includesOneOf(roles);
        }
    }
}

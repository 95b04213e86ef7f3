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
 * A bean, such as a route, that is there in some roles only ({@code service.roles}). What has no such mark is there in every role; so are
 * the chores that all share: what they do, they do for the groups that are here.
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

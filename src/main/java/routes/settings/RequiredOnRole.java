package routes.settings;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** A setting that is required in some roles ({@code service.roles}) and unused in the others. */
@Target({ElementType.PARAMETER, ElementType.FIELD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Constraint(validatedBy = RequiredOnRole.Validator.class)
public @interface RequiredOnRole {

    /** The roles that require it. */
    Role[] value();

    /** What to write. */
    String message();

    /** Unused. */
    Class<?>[] groups() default {};

    /** Unused. */
    Class<? extends Payload>[] payload() default {};

    /** Created by Spring, which injects the roles. */
    class Validator implements ConstraintValidator<RequiredOnRole, Object> {

        private final Environment environment;
        private boolean required;

        Validator(Environment environment) {
            this.environment = environment;
        }

        @Override
        public void initialize(RequiredOnRole constraint) {
            required = RoleSettings.of(environment).includesOneOf(constraint.value());
        }

        @Override
        public boolean isValid(@Nullable Object value, ConstraintValidatorContext context) {
            return !required
                    || !(value == null
                            || (value instanceof String text && text.isBlank())
                            || (value instanceof Collection<?> several && several.isEmpty()));
        }
    }
}

package routes.settings;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** A setting that is required in some roles ({@code service.roles}) and unused in the others. */
@Target({ElementType.PARAMETER, ElementType.FIELD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Repeatable(RequiredOnRole.Several.class)
@Constraint(validatedBy = RequiredOnRole.Validator.class)
public @interface RequiredOnRole {

    /** The roles that require it. */
    Role[] value();

    /** The keys of settings that need it: it is required only if one of them has a value. None means always. */
    String[] onlyWith() default {};

    /** What to write. */
    String message();

    /** Unused. */
    Class<?>[] groups() default {};

    /** Unused. */
    Class<? extends Payload>[] payload() default {};

    /** Several for one setting. */
    @Target({ElementType.PARAMETER, ElementType.FIELD})
    @Retention(RetentionPolicy.RUNTIME)
    @Documented
    @interface Several {

        /** Each has to be met. */
        RequiredOnRole[] value();
    }

    /** Created by Spring, which injects the roles. */
    class Validator implements ConstraintValidator<RequiredOnRole, Object> {

        private final Environment environment;
        private boolean required;

        Validator(Environment environment) {
            this.environment = environment;
        }

        @Override
        public void initialize(RequiredOnRole constraint) {
            String[] keys = constraint.onlyWith();
            required = RoleSettings.of(environment).includesOneOf(constraint.value())
                    && (keys.length == 0 || Stream.of(keys).anyMatch(this::hasValue));
        }

        /** An empty environment variable counts as unset. */
        private boolean hasValue(String key) {
            BindResult<List<String>> found = Binder.get(environment).bind(key, Bindable.listOf(String.class));
            return found.isBound() && found.get().stream().anyMatch(value -> !value.isBlank());
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

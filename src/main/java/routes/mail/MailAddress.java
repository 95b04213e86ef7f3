package routes.mail;

import jakarta.mail.internet.AddressException;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/** One mail address, with or without a display name (RFC 5322, section 3.4). */
@Target({ElementType.PARAMETER, ElementType.FIELD})
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = MailAddress.Validator.class)
@interface MailAddress {

    String message() default "write one mail address, such as Early Birds <hello@example.com>";

    Class<?>[] groups() default {};

    Class<? extends Payload>[] payload() default {};

    /** Parses it in the same way as when sending. */
    class Validator implements ConstraintValidator<MailAddress, String> {
        @Override
        public boolean isValid(@Nullable String value, ConstraintValidatorContext context) {
            if (value == null || value.isBlank()) {
                return true; // a missing value is left to another constraint
            }
            try {
                return !Addresses.parse(value).getAddress().isEmpty();
            } catch (AddressException e) {
                return false;
            }
        }
    }
}

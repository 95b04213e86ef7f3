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

    /** Reads it as the mails will. */
    class Validator implements ConstraintValidator<MailAddress, String> {
        @Override
        public boolean isValid(@Nullable String value, ConstraintValidatorContext context) {
            if (value == null || value.isBlank()) {
                return true; // what is missing is another constraint's to say
            }
            try {
                return !Addresses.parse(value).getAddress().isEmpty();
            } catch (AddressException e) {
                return false;
            }
        }
    }
}

package routes.mail;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
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

    /** Asks the mail library, which will have to write the address in the end. */
    class Validator implements ConstraintValidator<MailAddress, String> {
        @Override
        public boolean isValid(@Nullable String value, ConstraintValidatorContext context) {
            if (value == null || value.isBlank()) {
                return true; // what is missing is another constraint's to say
            }
            try {
                InternetAddress[] parsed = InternetAddress.parse(value, true);
                parsed[0].validate();
                return parsed.length == 1 && parsed[0].getAddress().contains("@");
            } catch (AddressException e) {
                return false;
            }
        }
    }
}

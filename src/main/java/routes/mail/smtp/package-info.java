/** How a mail reaches the SMTP server: pooled connections, the meaning of the server's answers, and suppressed addresses. */
@NullMarked
package routes.mail.smtp;

import org.jspecify.annotations.NullMarked;

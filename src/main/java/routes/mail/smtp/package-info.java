/** How a mail reaches the SMTP server: kept connections, what the server's answers mean, and the addresses that it has refused. */
@NullMarked
package routes.mail.smtp;

import org.jspecify.annotations.NullMarked;

/** How a delivery becomes a mail, and how a mail reaches the SMTP server. */
@NullMarked
package routes.mail;

import org.jspecify.annotations.NullMarked;

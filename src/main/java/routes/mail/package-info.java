/** How a delivery becomes a mail: its person, its text, its sender. */
@NullMarked
package routes.mail;

import org.jspecify.annotations.NullMarked;

/** Announcements: a milestone becomes a mail to each person, in pages; operators can watch, pause and cancel it. */
@NullMarked
package routes.mail.announcement;

import org.jspecify.annotations.NullMarked;

/** What happened to a mail after the server accepted it: bounces, complaints and unsubscriptions that others report. */
@NullMarked
package routes.mail.report;

import org.jspecify.annotations.NullMarked;

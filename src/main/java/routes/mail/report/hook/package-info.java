/** Reports by webhook: {@code POST /reports/{provider}}, and what each provider sends, signs and names. */
@NullMarked
package routes.mail.report.hook;

import org.jspecify.annotations.NullMarked;

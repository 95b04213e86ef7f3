package routes.mail.report.hook;

import java.util.List;
import routes.mail.report.MailReport;

/** Somebody who reports by webhook. */
interface ReportProvider {

    /** Its name in the path, and in reports. */
    String name();

    /** Whether a setting says how to know it. */
    boolean isOn();

    /**
     * The reports in a request; none if it is about something else, such as a mail that was delivered.
     *
     * @throws org.springframework.web.ErrorResponseException 401 if somebody else sent it, or it is a replay; 400 if it is malformed
     */
    List<MailReport> read(Posted posted);
}

package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import routes.mail.report.MailReports;
import routes.mail.smtp.SuppressionCsv;
import routes.mail.smtp.SuppressionCsv.Imported;
import routes.mail.smtp.SuppressionOperations;
import routes.mail.smtp.Suppressions.Suppression;
import routes.operation.Arguments;
import routes.operation.Page;

/** Shows to whom nothing is sent, and what was reported of mails; adds, lifts, imports and exports suppressions. */
@Component
class SuppressionsTab implements Tab {

    private static final int PAGE_SIZE = 50;
    private static final int REPORTS = 20;
    private static final List<String> FIELDS = List.of("address", "campaign", "cause", "reason", "until");

    private final Layout layout;
    private final SuppressionOperations suppressions;
    private final SuppressionCsv csv;
    private final MailReports reports;

    SuppressionsTab(Layout layout, SuppressionOperations suppressions, SuppressionCsv csv, MailReports reports) {
        this.layout = layout;
        this.suppressions = suppressions;
        this.csv = csv;
        this.reports = reports;
    }

    @Override
    public RouterFunction<ServerResponse> routes() {
        return route().GET("/suppressions", request -> page(request, null, null))
                .GET("/suppressions/export", this::export)
                .POST("/suppressions/search", request -> page(request, given(request, "address"), null))
                .POST("/suppressions/add", this::add)
                .POST("/suppressions/lift", this::lift)
                .POST("/suppressions/import", this::read)
                .build();
    }

    private ServerResponse page(ServerRequest request, @Nullable String address, @Nullable Object imported) {
        Page<Suppression> found = suppressions.list(
                PAGE_SIZE,
                given(request, "before", (name, value) -> Arguments.number(name, value, 18, "is not a page")),
                address);
        Map<String, Object> model = new HashMap<>();
        model.put("suppressions", found.rows());
        model.put("next", address == null ? Requests.next(request, "before", found.next()) : null);
        model.put("searched", address);
        model.put("causes", SuppressionOperations.CAUSES);
        model.put("counts", reports.counts());
        model.put("reports", reports.latest(REPORTS));
        model.put("imported", imported);
        return layout.page(request, "suppressions", "Suppressions", model);
    }

    private ServerResponse add(ServerRequest request) {
        Map<String, @Nullable String> values = new HashMap<>();
        FIELDS.forEach(field -> values.put(field, given(request, field)));
        suppressions.add(values, Requests.by(request));
        return Requests.seeOther("/suppressions");
    }

    private ServerResponse lift(ServerRequest request) {
        suppressions.lift(
                Arguments.required("address", given(request, "address")),
                request.param("campaign").orElse(null),
                Requests.by(request));
        return Requests.seeOther("/suppressions");
    }

    private ServerResponse export(ServerRequest request) {
        return ServerResponse.ok()
                .contentType(MediaType.valueOf("text/csv;charset=UTF-8"))
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"suppressions.csv\"")
                .build((asked, answer) -> {
                    csv.write(answer.getOutputStream());
                    return null;
                });
    }

    /** The body of a request by a script; or the file of a form, which shows the page. */
    private ServerResponse read(ServerRequest request) throws IOException {
        boolean dryRun = Arguments.dryRun(given(request, "dryRun"));
        InputStream body = new BufferedInputStream(request.servletRequest().getInputStream());
        String boundary = request.headers()
                .contentType()
                .map(type -> type.getParameter("boundary"))
                .orElse(null);
        if (boundary == null) {
            return ServerResponse.ok().body(csv.read(body, null, dryRun, Requests.by(request)));
        }
        skipHeaders(body);
        Imported imported = csv.read(body, "--" + boundary, dryRun, Requests.by(request));
        return page(request, null, imported);
    }

    /** Of the form's only part (RFC 7578): up to the first empty line. */
    private static void skipHeaders(InputStream body) throws IOException {
        int length = 0;
        for (int next = body.read(); next >= 0; next = body.read()) {
            if (next == '\n' && length == 0) {
                return;
            }
            length = next == '\n' ? 0 : next == '\r' ? length : length + 1;
        }
    }
}

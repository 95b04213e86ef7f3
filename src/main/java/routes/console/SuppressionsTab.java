package routes.console;

import static org.springframework.web.servlet.function.RouterFunctions.route;
import static routes.console.Requests.given;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
                .GET("/suppressions/export", request -> Requests.csv("suppressions", csv::write))
                .POST("/suppressions/search", request -> page(request, given(request, "address"), null))
                .POST("/suppressions/add", this::add)
                .POST("/suppressions/lift", this::lift)
                .POST("/suppressions/import", this::read)
                .build();
    }

    private ServerResponse page(ServerRequest request, @Nullable String address, @Nullable Imported imported) {
        Long before = given(request, "before", (name, value) -> Arguments.number(name, value, 18, "is not a page"));
        Page<Suppression> found = suppressions.list(PAGE_SIZE, before, address);
        Map<String, Object> model = new HashMap<>();
        model.put("suppressions", found.rows());
        model.put("next", address == null ? Requests.next(request, "before", found.next()) : null);
        model.put("searched", address);
        model.put("causes", SuppressionOperations.CAUSES);
        model.put("counts", reports.counts());
        model.put("reports", reports.latest());
        model.put("imported", imported);
        return layout.page(request, "suppressions", "Suppressions", model);
    }

    private ServerResponse add(ServerRequest request) {
        suppressions.add(
                given(request, "address"),
                given(request, "campaign"),
                given(request, "cause"),
                given(request, "reason"),
                given(request, "until"),
                Requests.by(request));
        return Requests.seeOther("/suppressions");
    }

    private ServerResponse lift(ServerRequest request) {
        String address = Arguments.required("address", given(request, "address"));
        suppressions.lift(
                address, request.param("campaign").orElse(null), given(request, "cause"), Requests.by(request));
        return Requests.seeOther("/suppressions");
    }

    /** The file is the body of a script's request, or in the form of the page. */
    private ServerResponse read(ServerRequest request) throws IOException {
        Imported imported = csv.read(
                request.servletRequest().getInputStream(),
                Arguments.dryRun(given(request, "dryRun")),
                Requests.by(request));
        return Requests.isBrowser(request)
                ? page(request, null, imported)
                : ServerResponse.ok().body(imported);
    }
}

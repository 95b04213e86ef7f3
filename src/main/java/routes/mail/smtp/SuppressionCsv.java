package routes.mail.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.stereotype.Component;
import routes.event.EventJson;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.settings.Statements;

/**
 * Suppressions as CSV (RFC 4180), one a line: read and written in pages, so that a million take no more memory than a thousand, and no
 * statement takes long.
 */
@Component
public class SuppressionCsv {

    private static final String HEADER = "address,campaign,cause,reason,since,until";
    private static final int COLUMNS = 6;
    private static final int PAGE = 5_000;
    private static final int MAX_LINE = 4_000;
    private static final int MAX_PROBLEMS = 100;

    /** Possessive, as is the line: it takes no stack for each quotation mark, or value. */
    private static final String VALUE = "(?:\"([^\"]*+(?:\"\"[^\"]*+)*+)\"|([^\",]*+))";

    private static final Pattern LINE = Pattern.compile("%1$s(?:,%1$s)*+".formatted(VALUE));
    private static final Pattern VALUES = Pattern.compile("(?<=^|,)%s(?=,|$)".formatted(VALUE));

    private final SuppressionOperations suppressions;
    private final Statements sql;
    private final Audit audit;

    SuppressionCsv(SuppressionOperations suppressions, Statements sql, Audit audit) {
        this.suppressions = suppressions;
        this.sql = sql;
        this.audit = audit;
    }

    /**
     * What came of an import.
     *
     * @param read how many lines there were, without the header
     * @param added how many suppressions are new, or last longer than before
     * @param wrong how many lines were left out
     * @param problems the first of these, each with its number and why
     */
    public record Imported(boolean dryRun, long read, long added, long wrong, List<String> problems) {}

    private record Line(long id, String line) {}

    /**
     * Adds the suppressions of a file. Lines that are wrong are left out and reported; the others are added, page by page, and can be added
     * again: what is there changes nothing.
     *
     * @param in the file in UTF-8, as it is or as a form sends it (RFC 7578): what is before its header does not count, nor, in a form,
     *     what comes after the boundary with which it begins
     * @param dryRun whether it is only checked
     * @throws InvalidEndpointRequestException when there is no header
     */
    public Imported read(InputStream in, boolean dryRun, String by) throws IOException {
        Reader csv = new BufferedReader(new InputStreamReader(in, UTF_8));
        String line = next(csv);
        String boundary = line != null && line.startsWith("--") ? line : null; // RFC 2046, section 5.1.1
        while (line != null && !line.replaceFirst("^\uFEFF", "").equals(HEADER)) {
            line = next(csv);
        }
        if (line == null) {
            throw Arguments.wrong("the first line", "must be " + HEADER);
        }
        long read = 0;
        long added = 0;
        long wrong = 0;
        List<String> problems = new ArrayList<>();
        ArrayNode page = EventJson.mapper().createArrayNode();
        for (line = next(csv); line != null && !(boundary != null && line.startsWith(boundary)); line = next(csv)) {
            read++;
            try {
                page.add(row(line));
            } catch (InvalidEndpointRequestException e) {
                if (++wrong <= MAX_PROBLEMS) {
                    problems.add("line %d: %s".formatted(read + 1, e.getReason()));
                }
            }
            if (page.size() == PAGE) {
                added = dryRun ? 0 : add(page, added, read, wrong, by);
                page.removeAll();
            }
        }
        added = dryRun ? 0 : add(page, added, read, wrong, by);
        return new Imported(dryRun, read, added, wrong, problems);
    }

    /** Adds a page, with a row in the audit that says how far the import has come: it may break before the next one. */
    private long add(ArrayNode page, long before, long read, long wrong, String by) {
        return audit.change(
                by,
                "suppressions.import",
                Map.of("lines", read),
                () -> before + suppressions.add(page),
                added -> "added %d, wrong %d".formatted(added, wrong));
    }

    /** The next line, of which no more is kept than shows that it is too long; null at the end. */
    private static @Nullable String next(Reader csv) throws IOException {
        StringBuilder line = new StringBuilder();
        int first = csv.read();
        for (int c = first; c >= 0 && c != '\n'; c = csv.read()) {
            if (line.length() <= MAX_LINE) {
                line.append((char) c);
            }
        }
        return first < 0 ? null : line.toString().stripTrailing();
    }

    private ObjectNode row(String line) {
        if (line.length() > MAX_LINE || !LINE.matcher(line).matches()) {
            throw Arguments.wrong("the line", "is not CSV of at most %d characters".formatted(MAX_LINE));
        }
        String[] values =
                VALUES.matcher(line).results().map(SuppressionCsv::value).toArray(String[]::new);
        if (values.length > COLUMNS) {
            throw Arguments.wrong("the line", "has more than %d values".formatted(COLUMNS));
        }
        @Nullable String[] all = Arrays.copyOf(values, COLUMNS); // the last ones may be missing
        return suppressions.row(all[0], all[1], all[2], all[3] == null ? "imported" : all[3], all[5]);
    }

    private static @Nullable String value(MatchResult match) {
        String text = match.group(1) == null ? match.group(2) : match.group(1).replace("\"\"", "\"");
        return text.isBlank() ? null : text.strip().replaceFirst("^'(?=[=+@\\t\\r-])", "");
    }

    /** Writes all active suppressions, newest first. They can be imported where {@code mail.secrets} has the same secret. */
    public void write(OutputStream out) throws IOException {
        out.write((HEADER + "\r\n").getBytes(UTF_8));
        List<Line> page;
        long before = Long.MAX_VALUE;
        do {
            page = sql.of("mail/smtp/export-suppressions")
                    .param("before", before)
                    .param("limit", PAGE)
                    .query(Line.class)
                    .list();
            for (Line row : page) {
                out.write((row.line() + "\r\n").getBytes(UTF_8));
                before = row.id();
            }
        } while (page.size() == PAGE);
    }
}

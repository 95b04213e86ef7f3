package routes.mail.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.stereotype.Component;
import routes.mail.smtp.SuppressionOperations.Entry;
import routes.mail.smtp.Suppressions.Suppression;
import routes.operation.Arguments;
import routes.operation.Audit;
import routes.operation.Page;

/**
 * Suppressions as CSV (RFC 4180), one a line: read and written in pages, so that a million take no more memory than a thousand, and no
 * statement takes long.
 */
@Component
public class SuppressionCsv {

    private static final List<String> COLUMNS = List.of("address", "campaign", "cause", "reason", "since", "until");
    private static final int PAGE = 5_000;
    private static final int MAX_LINE = 4_000;
    private static final int MAX_PROBLEMS = 100;

    private static final String VALUE = "(?:\"([^\"]*(?:\"\"[^\"]*)*)\"|([^\",]*))";
    private static final Pattern LINE = Pattern.compile(VALUE + "(?:," + VALUE + ")*");
    private static final Pattern VALUES = Pattern.compile("(?<=^|,)" + VALUE + "(?=,|$)");

    /** How a spreadsheet would take it for a formula. An apostrophe before it makes it text. */
    private static final Pattern FORMULA = Pattern.compile("[=+\\-@\\t\\r].*");

    private final SuppressionOperations suppressions;
    private final Audit audit;

    SuppressionCsv(SuppressionOperations suppressions, Audit audit) {
        this.suppressions = suppressions;
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

    /**
     * Adds the suppressions of a file. Lines that are wrong are left out and reported; the others are added, page by page, and can be added
     * again: what is there changes nothing.
     *
     * @param csv in UTF-8; its first line names the columns. After the first line that begins with {@code end} nothing is read
     * @param end null to read everything
     * @param dryRun whether it is only checked
     * @throws InvalidEndpointRequestException when the first line is wrong
     */
    public Imported read(InputStream csv, @Nullable String end, boolean dryRun, String by) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(csv, UTF_8));
        List<String> columns = values(String.valueOf(line(lines)).replaceFirst("^\uFEFF", ""));
        if (!columns.contains("address") || !COLUMNS.containsAll(columns)) {
            throw Arguments.wrong(
                    "the first line", "must name the columns: address, and any of " + String.join(", ", COLUMNS));
        }
        long read = 0;
        long added = 0;
        long wrong = 0;
        List<String> problems = new ArrayList<>();
        List<Entry> page = new ArrayList<>();
        for (String line = line(lines); line != null && (end == null || !line.startsWith(end)); line = line(lines)) {
            read++;
            try {
                page.add(entry(columns, line));
            } catch (InvalidEndpointRequestException e) {
                if (++wrong <= MAX_PROBLEMS) {
                    problems.add("line %d: %s".formatted(read + 1, e.getReason()));
                }
            }
            if (page.size() == PAGE) {
                added += write(page, dryRun);
            }
        }
        added += write(page, dryRun);
        Imported done = new Imported(dryRun, read, added, wrong, problems);
        if (!dryRun) {
            audit.write(by, "suppressions.import", Map.of("lines", read), "added %d, wrong %d".formatted(added, wrong));
        }
        return done;
    }

    private int write(List<Entry> page, boolean dryRun) {
        int added = dryRun || page.isEmpty() ? 0 : suppressions.write(page);
        page.clear();
        return added;
    }

    private Entry entry(List<String> columns, String line) {
        List<String> values = values(line);
        if (values.size() != columns.size()) {
            throw Arguments.wrong("the line", "must have %d values".formatted(columns.size()));
        }
        Map<String, @Nullable String> named = new HashMap<>(Map.of("reason", "imported"));
        for (int i = 0; i < values.size(); i++) {
            if (!values.get(i).isEmpty()) {
                named.put(columns.get(i), values.get(i));
            }
        }
        return suppressions.entry(named);
    }

    private static List<String> values(String line) {
        if (line.length() > MAX_LINE || !LINE.matcher(line).matches()) {
            throw Arguments.wrong("the line", "is not CSV of at most %d characters".formatted(MAX_LINE));
        }
        return VALUES.matcher(line).results().map(SuppressionCsv::value).toList();
    }

    private static String value(MatchResult match) {
        String text = (match.group(1) == null ? match.group(2) : match.group(1).replace("\"\"", "\"")).strip();
        return text.startsWith("'") && FORMULA.matcher(text.substring(1)).matches() ? text.substring(1) : text;
    }

    /** The next line, of which no more is kept than shows that it is too long; null at the end. */
    private static @Nullable String line(BufferedReader lines) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = lines.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != '\n'; next = lines.read()) {
            if (line.length() <= MAX_LINE) {
                line.append((char) next);
            }
        }
        return line.toString().stripTrailing();
    }

    /** Writes all active suppressions, newest first. They can be imported where {@code mail.secrets} has the same secret. */
    public void write(OutputStream out) throws IOException {
        Writer csv = new OutputStreamWriter(out, UTF_8);
        csv.write(String.join(",", COLUMNS) + "\r\n");
        Page<Suppression> page = suppressions.list(PAGE, null, null);
        while (true) {
            for (Suppression row : page.rows()) {
                csv.write(Stream.of(
                                row.address(),
                                row.campaignId(),
                                row.cause(),
                                row.reason(),
                                row.since().toString(),
                                row.until() == null ? "" : row.until().toString())
                        .map(SuppressionCsv::written)
                        .collect(Collectors.joining(",", "", "\r\n")));
            }
            if (page.next() == null) {
                csv.flush();
                return;
            }
            page = suppressions.list(PAGE, (Long) page.next(), null);
        }
    }

    private static String written(String value) {
        String text = FORMULA.matcher(value).matches() ? "'" + value : value;
        return text.matches("[^\",\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}

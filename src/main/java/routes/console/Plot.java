package routes.console;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import routes.history.History.Step;

/**
 * Lines over time, as browsers draw them without a script. A unit of width is a step of time, the height is 100.
 *
 * @param title what is shown
 * @param says the same in words, for screen readers
 * @param width how many steps
 * @param top what the upper edge stands for; the lower edge is 0, or 1 ms
 * @param times what stands below the left edge, each quarter, and the right edge
 */
record Plot(
        String title, String says, int width, String top, List<Line> lines, List<Hover> hovers, List<String> times) {

    /** A line, with gaps where nothing is known: its name in the legend and in the stylesheet, and the path. */
    record Line(String name, String path) {}

    /** What is said where the pointer is, for a step. */
    record Hover(int x, String says) {}

    /** What is drawn: a value per step, NaN for none. */
    record Series(String name, ToDoubleFunction<Step> value) {}

    /** How values are read, and where they are between the lower and the upper edge: times, which reach from milliseconds to hours, by their logarithm. */
    enum Unit {
        NUMBER,
        MILLISECONDS;

        private String of(double value) {
            if (this == MILLISECONDS) {
                double seconds = value / 1000;
                return seconds < 1
                        ? number(value) + " ms"
                        : seconds < 120
                                ? number(seconds) + " s"
                                : seconds < 7200 ? number(seconds / 60) + " min" : number(seconds / 3600) + " h";
            }
            return number(value);
        }

        private static String number(double value) {
            return String.format(Locale.ROOT, value < 10 && value != Math.rint(value) ? "%.1f" : "%,.0f", value);
        }

        /** 1, 2 or 5 times a power of ten, of the unit that it is read in. */
        private double end(double most) {
            double unit =
                    this == NUMBER || most < 1000 ? 1 : most < 60_000 ? 1000 : most < 3_600_000 ? 60_000 : 3_600_000;
            double power = Math.pow(10, Math.floor(Math.log10(most / unit)));
            double times = most / unit / power;
            double end = (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10) * power * unit;
            return this == NUMBER ? end : Math.max(end, 10);
        }

        private double height(double value, double top) {
            return this == NUMBER ? value / top : Math.log10(Math.max(1, value)) / Math.log10(top);
        }
    }

    /**
     * Draws series that are of the same unit.
     *
     * @param since the left edge
     * @param each how long a step is
     * @param width how many steps there are until the right edge
     * @param steps what is known, oldest first
     */
    static Plot of(
            String title, Unit unit, Instant since, Duration each, int width, List<Step> steps, List<Series> series) {
        double top = unit.end(series.stream()
                .flatMapToDouble(some -> known(some, steps))
                .filter(value -> value > 0)
                .max()
                .orElse(1));
        String says = series.stream()
                .flatMap(some -> known(some, steps).max().stream()
                        .mapToObj(most -> "%s at most %s".formatted(some.name(), unit.of(most))))
                .collect(Collectors.joining(", "));
        return new Plot(
                title,
                title + ": " + (says.isEmpty() ? "nothing is known" : says),
                width,
                unit.of(top),
                series.stream()
                        .map(some -> new Line(some.name(), path(some, unit, since, each, steps, top)))
                        .toList(),
                steps.stream()
                        .flatMap(step -> hover(step, unit, since, each, series))
                        .toList(),
                IntStream.rangeClosed(0, 4)
                        .mapToObj(quarter -> HistoryTab.time(since.plus(each.multipliedBy((long) width * quarter / 4))))
                        .toList());
    }

    private static int x(Step step, Instant since, Duration each) {
        return (int) Duration.between(since, step.from()).dividedBy(each);
    }

    private static String path(Series series, Unit unit, Instant since, Duration each, List<Step> steps, double top) {
        StringBuilder path = new StringBuilder();
        int before = -2;
        for (Step step : steps) {
            double value = series.value().applyAsDouble(step);
            if (!Double.isNaN(value)) {
                int x = x(step, since, each);
                boolean gap = x > before + 1;
                path.append(String.format(
                        Locale.ROOT, "%s%d.5 %.1f", gap ? "M" : "L", x, 100 - 100 * unit.height(value, top)));
                path.append(gap ? "h.01" : ""); // a single step is a dot
                before = x;
            }
        }
        return path.toString();
    }

    private static DoubleStream known(Series series, List<Step> steps) {
        return steps.stream().mapToDouble(series.value()).filter(value -> !Double.isNaN(value));
    }

    private static Stream<Hover> hover(Step step, Unit unit, Instant since, Duration each, List<Series> series) {
        String says = series.stream()
                .flatMap(some -> known(some, List.of(step)).mapToObj(value -> some.name() + " " + unit.of(value)))
                .collect(Collectors.joining(", "));
        return says.isEmpty()
                ? Stream.empty()
                : Stream.of(new Hover(x(step, since, each), "%s: %s".formatted(HistoryTab.time(step.from()), says)));
    }
}

package faults.agent;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The points of the service at which something is to happen. Called from the methods that {@link FailpointAgent} changes. */
public final class Failpoint {

    /** The exit code of a process that a failpoint ended. */
    public static final int EXIT_CODE = 137;

    private static final String READ = "routes.kafka.BatchReader.read leave";
    private static final String BEGIN = "routes.delivery.DeliveryLedger.begin enter";

    /** What a thread is at work on: the batch of a group, or a delivery. Steps that are told nothing are known by it. */
    private static final ThreadLocal<String> AT_WORK_ON = ThreadLocal.withInitial(() -> "");

    private static volatile List<Rule> rules = List.of();

    /**
     * What is to happen where.
     *
     * @param point a class, its method, and {@code enter} or {@code leave}
     * @param act {@code halt}, and the process ends there; {@code hold}, and the thread waits there for ever; or the class of an error, which
     *     is thrown there
     * @param threads in how many threads an error is thrown, once in each
     * @param words what the thread has to be at work on: a group, the id of an event
     * @param hit the threads that had the error, and whether it was told that one came by again
     */
    record Rule(String point, String act, int threads, List<String> words, Map<Thread, Boolean> hit) {

        static Rule of(String text) {
            String[] parts = text.split("\\|");
            return new Rule(
                    parts[0],
                    parts[1],
                    Integer.parseInt(parts[2]),
                    List.of(parts).subList(3, parts.length),
                    new ConcurrentHashMap<>());
        }
    }

    private Failpoint() {}

    static void set(List<Rule> wanted) {
        rules = wanted;
    }

    /** Called when a method is entered, or left without an exception. */
    public static void reached(String point, @Nullable Object[] arguments, @Nullable Object returned) {
        if (point.equals(READ)) {
            AT_WORK_ON.set(call(arguments[1], "getFromRouteId") + " " + call(returned, "events"));
        } else if (point.equals(BEGIN)) {
            AT_WORK_ON.set(String.valueOf(arguments[0]));
        }
        for (Rule rule : rules) {
            if (rule.point().equals(point)) {
                String known = AT_WORK_ON.get() + " " + Arrays.toString(arguments);
                if (rule.words().stream().allMatch(known::contains)) {
                    act(rule);
                }
            }
        }
    }

    private static void act(Rule rule) {
        if (!rule.act().equals("halt") && !rule.act().equals("hold")) {
            fail(rule);
            return;
        }
        say(rule.act(), rule);
        if (rule.act().equals("halt")) {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A thread that takes the step again has survived; so has one that another has replaced. */
    private static void fail(Rule rule) {
        Boolean again = rule.hit().get(Thread.currentThread());
        if (again == null && rule.hit().size() < rule.threads()) {
            rule.hit().put(Thread.currentThread(), false);
            say("threw", rule);
            throw error(rule.act());
        }
        if (!Boolean.TRUE.equals(again)) {
            rule.hit().put(Thread.currentThread(), true);
            say("goes on", rule);
        }
    }

    private static Error error(String name) {
        try {
            return Class.forName(name).asSubclass(Error.class).getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void say(String what, Rule rule) {
        System.out.println("Failpoint: " + what + " " + rule.act() + " at " + rule.point());
        System.out.flush();
    }

    /** Camel's exchange and the service's batch are of classes that the agent does not know. */
    private static String call(@Nullable Object object, String method) {
        try {
            Object known = Objects.requireNonNull(object);
            return String.valueOf(known.getClass().getMethod(method).invoke(known));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}

package bench;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.kafka.tools.ConsumerPerformance;
import org.apache.kafka.tools.ProducerPerformance;

/** Kafka's own measures of what a client can do. They run in this process: compiled as long, in the same heap. */
final class KafkaTools {

    private KafkaTools() {}

    private interface Tool {
        void run(String[] arguments) throws Exception;
    }

    /** Records a second that kafka-consumer-perf-test reads, after it has its partitions. */
    static double consume(String brokers, String topic, long records) throws Exception {
        String output = run(
                ConsumerPerformance::main,
                "--bootstrap-server",
                brokers,
                "--topic",
                topic,
                "--num-records",
                String.valueOf(records),
                "--hide-header");
        String[] columns = output.strip().split(",", -1);
        return Double.parseDouble(columns[columns.length - 1].strip()); // fetch.nMsg.sec
    }

    /** Records a second that kafka-producer-perf-test writes as this service does: acks=all, idempotent, lz4. */
    static double produce(String brokers, String topic, long records, Path payloads) throws Exception {
        String output = run(
                ProducerPerformance::main,
                "--bootstrap-server",
                brokers,
                "--topic",
                topic,
                "--num-records",
                String.valueOf(records),
                "--throughput",
                "-1",
                "--payload-file",
                payloads.toString(),
                "--command-property",
                "acks=all",
                "enable.idempotence=true",
                "compression.type=lz4");
        String total = output.substring(output.lastIndexOf("records sent, ") + "records sent, ".length());
        return Double.parseDouble(total.substring(0, total.indexOf(' ')));
    }

    private static synchronized String run(Tool tool, String... arguments) throws Exception {
        PrintStream console = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        try {
            tool.run(arguments);
        } finally {
            System.setOut(console);
        }
        return output.toString(StandardCharsets.UTF_8);
    }
}

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.processor.TimestampExtractor;

/** Counts the records of a topic by key within a sliding minute of the time that their lines tell, and ends when it has taken so many. */
public class SlidingCount {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);

  public static class LineTime implements TimestampExtractor {
    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
      String line = (String) record.value();
      int from = line.indexOf('[') + 1;
      return ZonedDateTime.parse(line.substring(from, line.indexOf(']', from)), STAMP).toInstant().toEpochMilli();
    }
  }

  public static void main(String[] args) throws Exception {
    long events = Long.parseLong(args[2]);
    AtomicLong found = new AtomicLong();
    StreamsBuilder builder = new StreamsBuilder();
    builder
        .stream(args[1], Consumed.with(Serdes.String(), Serdes.String()).withTimestampExtractor(new LineTime()))
        .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
        .windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(Duration.ofSeconds(60), Duration.ofMinutes(2)))
        .count()
        .toStream()
        .filter((key, count) -> count >= 20)
        .foreach((key, count) -> found.incrementAndGet());
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[3]);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    Path folder = Files.createTempDirectory("gatewatch-streams-");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.start();
    while (processed(streams) < events) Thread.sleep(100);
    streams.close(Duration.ofSeconds(20));
    try (var files = Files.walk(folder)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
    System.out.println(found.get());
  }

  /** Records that the thread has processed so far. */
  private static long processed(KafkaStreams streams) {
    double sum = 0;
    for (var metric : streams.metrics().values()) {
      var name = metric.metricName();
      if (name.name().equals("process-total") && name.group().equals("stream-thread-metrics")) sum += ((Number) metric.metricValue()).doubleValue();
    }
    return Math.round(sum);
  }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;
import org.rocksdb.RocksDB;

/**
 * Measures a restart after kill -9 under exactly-once: our store and Kafka's RocksDBStore, each with and without
 * transactional state stores, in turns on one broker. From the root of the checkout:
 *
 * <pre>
 * mvn -q -Pheadline -pl integration-tests -am -DskipTests integration-test
 * </pre>
 *
 * <p>Options, with their defaults: {@code -Dheadline.bytes=1073741824} of state, in values of {@code
 * -Dheadline.value.bytes=65536}, every key written twice; {@code -Dheadline.rounds=3} kills of each; {@code
 * -Dheadline.threads=1} stream threads; {@code -Dheadline.folder}, the working folder, with free space of twenty times
 * the state, by default a temporary folder. Prints a table.
 */
public final class RestoreHeadline {

    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final int TIMES_WRITTEN = 2;
    private static final String[] JVM_OPTIONS = {"-Xmx1g"};

    private final Path folder;
    private final long stateBytes;
    private final int valueBytes;
    private final int rounds;
    private final int threads;
    private final List<HeadlineStore> stores;
    private final Map<HeadlineStore, List<ChildStart>> starts = new EnumMap<>(HeadlineStore.class);
    private final KafkaLibraries kafka;

    RestoreHeadline(Path folder, long stateBytes, int valueBytes, int rounds, int threads, List<HeadlineStore> stores)
            throws IOException {
        this.kafka = KafkaLibraries.newest();
        this.folder = folder;
        this.stateBytes = stateBytes;
        this.valueBytes = valueBytes;
        this.rounds = rounds;
        this.threads = threads;
        this.stores = stores;
    }

    public static void main(String[] args) throws Exception {
        RocksDB.loadLibrary();
        HeadlineFolder.run(folder -> {
            RestoreHeadline headline = new RestoreHeadline(
                    folder,
                    Long.getLong("headline.bytes", 1L << 30),
                    Integer.getInteger("headline.value.bytes", 1 << 16),
                    Integer.getInteger("headline.rounds", 3),
                    Integer.getInteger("headline.threads", 1),
                    List.of(HeadlineStore.values()));
            HeadlineTable table = headline.run();
            return headline.conditions() + "\n\n" + table.markdown();
        });
    }

    /** Loads each store, then kills and starts them in turns. */
    HeadlineTable run() throws InterruptedException, IOException {
        try (KillBroker broker = KillBroker.start(folder.resolve("broker"))) {
            broker.createTopics(HeadlineTopology.PARTITIONS, HeadlineTopology.INPUT);
            try (HeadlineInput input =
                    new HeadlineInput(broker.bootstrapServers(), (int) (stateBytes / valueBytes), valueBytes)) {
                input.load(TIMES_WRITTEN);
                for (HeadlineStore store : stores) {
                    starts.put(store, new ArrayList<>());
                    startAndKill(store, broker, input);
                }
                for (int round = 1; round <= rounds; round++) {
                    for (HeadlineStore store : stores) {
                        starts.get(store).add(startAndKill(store, broker, input));
                    }
                }
            }
        }
        return new HeadlineTable(starts);
    }

    /** Starts the application, checks its content, and kills it while it processes. */
    private ChildStart startAndKill(HeadlineStore store, KillBroker broker, HeadlineInput input)
            throws InterruptedException, IOException {
        Path own = folder.resolve(store.name());
        Properties properties = store.properties(store.name(), broker.bootstrapServers(), own.resolve("state"));
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, "" + threads);
        try (ChildJvm child = ChildJvm.start(store.kind, properties, kafka, own, JVM_OPTIONS)) {
            ChildStart start = child.awaitRunning(PATIENCE);
            KillTest.await(
                    "all input to be processed",
                    PATIENCE,
                    () -> broker.hasProcessed(store.name(), HeadlineTopology.INPUT));
            StoreContents contents = child.dump(own.resolve("dump"), PATIENCE);
            assertThat(contents.of(HeadlineTopology.STORE)).isEqualTo(input.newest());
            input.trickle(Duration.ofSeconds(3));
            child.kill();
            return start;
        }
    }

    private String conditions() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return String.format(
                Locale.ROOT,
                "%s: %,d MiB of state, values of %,d bytes, every key written %d times, %d partitions, %d stream thread(s),"
                        + " exactly_once_v2. %d cores, %d GiB of memory, JDK %s, Kafka %s, RocksDB %s.",
                LocalDate.now(ZoneOffset.UTC),
                stateBytes >> 20,
                valueBytes,
                TIMES_WRITTEN,
                HeadlineTopology.PARTITIONS,
                threads,
                Runtime.getRuntime().availableProcessors(),
                system.getTotalMemorySize() >> 30,
                System.getProperty("java.version"),
                kafka.version(),
                RocksDB.rocksdbVersion());
    }
}

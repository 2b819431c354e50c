/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static io.vlogstreams.kill.HeadlineStore.ROCKSDB_TRANSACTIONAL;
import static io.vlogstreams.kill.HeadlineStore.VLOG_TRANSACTIONAL;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Measures the cost of transactional state stores in a running application: our store and Kafka's RocksDBStore, in
 * turns on one broker, at two commit intervals. From the root of the checkout:
 *
 * <pre>
 * mvn -q -Pheadline -pl integration-tests -am -DskipTests integration-test -Dheadline.main=TransactionsHeadline
 * </pre>
 *
 * <p>Options, with their defaults: {@code -Dheadline.bytes=1073741824} of state, every key written twice; {@code
 * -Dheadline.rounds=3} runs of each; {@code -Dheadline.folder} as in {@link RestoreHeadline}. Prints a table.
 */
public final class TransactionsHeadline {

    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final int TIMES_WRITTEN = 2;

    private final Path folder;
    private final long stateBytes;
    private final int rounds;
    private final List<Integer> valueBytes;
    private final List<Integer> commitIntervalsMillis;
    private final KafkaLibraries kafka = KafkaLibraries.newest();
    private int runs;

    TransactionsHeadline(
            Path folder, long stateBytes, int rounds, List<Integer> valueBytes, List<Integer> commitIntervalsMillis)
            throws IOException {
        this.folder = folder;
        this.stateBytes = stateBytes;
        this.rounds = rounds;
        this.valueBytes = valueBytes;
        this.commitIntervalsMillis = commitIntervalsMillis;
    }

    public static void main(String[] args) throws Exception {
        HeadlineFolder.run(folder -> {
            TransactionsHeadline headline = new TransactionsHeadline(
                    folder,
                    Long.getLong("headline.bytes", 1L << 30),
                    Integer.getInteger("headline.rounds", 3),
                    List.of(1 << 14, 1 << 16),
                    List.of(100, 30_000));
            List<CommitComparison> comparisons = headline.run();
            return "Kafka " + headline.kafka.version() + ", medians of " + headline.rounds + "\n\n"
                    + CommitComparison.markdown(comparisons);
        });
    }

    List<CommitComparison> run() throws InterruptedException, IOException {
        List<CommitComparison> comparisons = new ArrayList<>();
        for (int size : valueBytes) {
            try (KillBroker broker = KillBroker.start(folder.resolve("broker-" + size));
                    HeadlineInput input =
                            new HeadlineInput(broker.bootstrapServers(), (int) (stateBytes / size), size)) {
                broker.createTopics(HeadlineTopology.PARTITIONS, HeadlineTopology.INPUT);
                input.load(TIMES_WRITTEN);
                for (int interval : commitIntervalsMillis) {
                    comparisons.add(compare(broker, size, interval));
                }
            }
        }
        return comparisons;
    }

    private CommitComparison compare(KillBroker broker, int size, int interval)
            throws InterruptedException, IOException {
        List<CommitFigures> ours = new ArrayList<>();
        List<CommitFigures> kafkas = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            ours.add(process(VLOG_TRANSACTIONAL, broker, size, interval));
            kafkas.add(process(ROCKSDB_TRANSACTIONAL, broker, size, interval));
        }
        return new CommitComparison(size, interval, (double) TIMES_WRITTEN * stateBytes, ours, kafkas);
    }

    /** Lets a new application process all records of the topic. */
    private CommitFigures process(HeadlineStore store, KillBroker broker, int size, int interval)
            throws InterruptedException, IOException {
        String id = store.name() + "-" + runs++;
        Path own = folder.resolve(id);
        Properties properties = store.properties(id, broker.bootstrapServers(), own.resolve("state"));
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "" + interval);
        properties.put(CommitWatch.RECORDS, "" + TIMES_WRITTEN * (stateBytes / size));
        try (ChildJvm child = ChildJvm.start(store.kind, properties, kafka, own, "-Xmx1g")) {
            CommitFigures figures = CommitFigures.parse(child.await("watched", PATIENCE));
            System.err.println(id + " " + size + " " + interval + " " + figures);
            child.kill();
            return figures;
        } finally {
            broker.deleteTopics(broker.topics().stream()
                    .filter(topic -> topic.startsWith(id))
                    .toList());
            Utils.delete(own.toFile());
        }
    }
}

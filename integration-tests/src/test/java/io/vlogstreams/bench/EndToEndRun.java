/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import io.vlogstreams.examples.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * Runs {@link DocumentTopology} on a real broker in the same process. Measures first the throughput with a backlog of
 * events, then the latency of an event at a fixed rate.
 *
 * @param values the sizes of the documents, as in the options
 * @param folder the folder of broker and store; emptied in the end
 */
record EndToEndRun(StoreKind kind, String values, int repetition, Path folder, BenchmarkOptions options) {

    private static final double WARM_UP_SHARE = 0.25;

    List<Measurement> run() throws IOException, InterruptedException, ExecutionException {
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        ValueSizes sizes = ValueSizes.ofOption(values);
        Input documents = Input.of(sizes, options.endToEndKeys(), options.isHalfCompressible(), options.seed());
        Path state = folder.resolve("state");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("broker"));
                EventTopics topics = new EventTopics(kafka.bootstrapServers())) {
            Picks events = documents.uniform(options.endToEndRecords(), 0);
            Picks paced = documents.uniform(options.endToEndRate() * options.endToEndSeconds(), 1);
            topics.send(events);
            KafkaStreams streams = new KafkaStreams(
                    DocumentTopology.of(kind, documents),
                    DocumentTopology.properties(kind, kafka.bootstrapServers(), state));
            try (ProcessWatch watch = new ProcessWatch(state, ProcessBaseline.now())) {
                streams.start();
                figures.put(Figure.OPS_PER_SECOND, recordsPerSecond(topics, events.size()));
                Percentiles.LATENCIES.addTo(figures, latencies(topics, paced));
                long bytes = (long) ((events.size() + paced.size()) * sizes.meanBytes());
                check(streams, events.size() + paced.size());
                watch.stop(figures, bytes, bytes, (long) (documents.keys() * sizes.meanBytes()));
            } finally {
                streams.close();
            }
        } finally {
            Utils.delete(folder.toFile());
        }
        return List.of(new Measurement(kind, values, repetition, Workload.END_TO_END, figures));
    }

    /** Returns the throughput from the last event of the warm-up to the last event. */
    private static double recordsPerSecond(EventTopics topics, int events) {
        int warmUp = Math.max(1, (int) (events * WARM_UP_SHARE));
        ArrivalTimes arrivals = new ArrivalTimes(warmUp - 1);
        topics.receive(events, arrivals::arrived);
        return (events - warmUp) / (arrivals.nanos() / 1e9);
    }

    private Histogram latencies(EventTopics topics, Picks paced) throws InterruptedException, ExecutionException {
        Histogram nanos = Recorder.histogram();
        ExecutorService sender = Executors.newSingleThreadExecutor();
        try {
            Future<?> sent = sender.submit(() -> topics.send(paced, options.endToEndRate()));
            topics.receive(paced.size(), sentNanos -> nanos.recordValue(System.nanoTime() - sentNanos));
            sent.get();
        } finally {
            sender.shutdownNow();
            sender.awaitTermination(1, TimeUnit.MINUTES);
        }
        return nanos;
    }

    /** Checks that every event has changed its document once. */
    private static void check(KafkaStreams streams, long events) {
        ReadOnlyKeyValueStore<Integer, byte[]> store = streams.store(StoreQueryParameters.fromNameAndType(
                DocumentTopology.DOCUMENTS, QueryableStoreTypes.<Integer, byte[]>keyValueStore()));
        long counted = 0;
        try (KeyValueIterator<Integer, byte[]> all = store.all()) {
            while (all.hasNext()) {
                counted += DocumentTopology.count(all.next().value);
            }
        }
        if (counted != events) {
            throw new IllegalStateException("the documents have seen " + counted + " events instead of " + events);
        }
    }

    /** The time between two arrivals. For one thread. */
    private static final class ArrivalTimes {

        private final int first;
        private int arrived;
        private long firstNanos;
        private long lastNanos;

        ArrivalTimes(int first) {
            this.first = first;
        }

        void arrived(long unusedSentNanos) {
            lastNanos = System.nanoTime();
            if (arrived++ == first) {
                firstNanos = lastNanos;
            }
        }

        long nanos() {
            return lastNanos - firstNanos;
        }
    }
}

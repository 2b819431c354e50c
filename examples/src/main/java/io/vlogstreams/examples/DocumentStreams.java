/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** The running Kafka Streams application. An error in one of its threads ends the example at the next call here. */
final class DocumentStreams implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration CLOSE_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration QUERY_TIMEOUT = Duration.ofMinutes(1);

    /** Documents waiting to be processed, per partition. */
    private static final int INPUT_BUFFER_BYTES = 128 << 20;

    private final KafkaStreams streams;
    private final RestoreClock restoreClock = new RestoreClock();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    DocumentStreams(Topology topology, StreamsConfig config) {
        this.streams = new KafkaStreams(topology, config);
        streams.setGlobalStateRestoreListener(restoreClock);
        streams.setUncaughtExceptionHandler(exception -> {
            failure.compareAndSet(null, exception);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    }

    static StreamsConfig config(
            String applicationId, String bootstrapServers, Path stateDir, int threads, int maxRecordBytes) {
        var config = new HashMap<String, Object>();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
        // The progress line shows committed records.
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
        // The default of 1000 records would be gigabytes in memory.
        config.put(
                StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG,
                Math.min(1000, INPUT_BUFFER_BYTES / maxRecordBytes));
        // The changelog carries whole documents.
        DocumentProducer.limits(maxRecordBytes)
                .forEach((key, value) -> config.put(StreamsConfig.producerPrefix(key), value));
        return new StreamsConfig(config);
    }

    /** Starts the application; returns when all state is restored and records are being processed. */
    void start() {
        streams.start();
        Patience.await("Kafka Streams to run", START_TIMEOUT, () -> {
            checkAlive();
            return streams.state() == KafkaStreams.State.RUNNING;
        });
    }

    /** Returns the store of all partitions, for reading from this thread while the stream threads write. */
    <V> ReadOnlyKeyValueStore<String, V> store(String name) {
        var query = StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.<String, V>keyValueStore());
        var store = new AtomicReference<@Nullable ReadOnlyKeyValueStore<String, V>>();
        Patience.await("store " + name + " to answer queries", QUERY_TIMEOUT, () -> {
            checkAlive();
            try {
                store.set(streams.store(query));
                return true;
            } catch (InvalidStateStoreException e) {
                // A rebalance is under way: try again.
                return false;
            }
        });
        return Objects.requireNonNull(store.get());
    }

    void checkAlive() {
        var exception = failure.get();
        if (exception != null) {
            throw new ExampleFailedException("the Kafka Streams application stopped", exception);
        }
        if (streams.state().hasStartedOrFinishedShuttingDown()) {
            throw new ExampleFailedException("the Kafka Streams application stopped, its state is " + streams.state());
        }
    }

    RestoreClock restoreClock() {
        return restoreClock;
    }

    /** Returns the bytes that were read from the changelogs so far, from the metrics of the restore consumers. */
    long restoredBytes() {
        return streams.metrics().entrySet().stream()
                .filter(entry -> entry.getKey().name().equals("bytes-consumed-total"))
                .filter(entry -> entry.getKey().tags().keySet().equals(Set.of("client-id")))
                .filter(entry -> entry.getKey().tags().toString().contains("restore-consumer"))
                .mapToLong(entry -> ((Number) entry.getValue().metricValue()).longValue())
                .sum();
    }

    /** Deletes the local state of this application, which must be closed. */
    void deleteLocalState() {
        streams.cleanUp();
    }

    /** Closes the application and leaves the group, so that the next start need not wait for the session to expire. */
    @Override
    public void close() {
        var options = CloseOptions.timeout(CLOSE_TIMEOUT)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
        if (!streams.close(options)) {
            throw new ExampleFailedException("Kafka Streams did not close within " + CLOSE_TIMEOUT.toSeconds() + " s");
        }
        var exception = failure.get();
        if (exception != null) {
            throw new ExampleFailedException("the Kafka Streams application stopped", exception);
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * Measures in the child how an application starts, and prints it: the time from {@code start()} to RUNNING, the time
 * from the first store that starts restoring to the last that ends, and the amount read from the changelogs.
 * Thread-safe.
 */
final class StartReport implements StateRestoreListener, KafkaStreams.StateListener, StreamsUncaughtExceptionHandler {

    private final KafkaStreams streams;
    private final int storesToRestore;
    private final Set<String> storesRestored = new HashSet<>();
    private long startNanos;
    private long restoreStartNanos;
    private long restoreEndNanos;
    private long records;
    private boolean reported;

    /**
     * @param storesToRestore the number of stores of all tasks; an instance is RUNNING for a moment before it gets
     *     tasks
     */
    StartReport(KafkaStreams streams, int storesToRestore) {
        this.streams = streams;
        this.storesToRestore = storesToRestore;
    }

    void start() {
        line("starting");
        startNanos = System.nanoTime();
        streams.start();
    }

    /** Prints a line for the parent, atomically. */
    static synchronized void line(String line) {
        System.out.println(line);
        System.out.flush();
    }

    @Override
    public synchronized void onRestoreStart(TopicPartition partition, String store, long from, long to) {
        if (restoreStartNanos == 0) {
            restoreStartNanos = System.nanoTime();
        }
        line("restoring " + store + " " + partition.partition() + " " + from + " " + to);
    }

    @Override
    public synchronized void onBatchRestored(TopicPartition partition, String store, long end, long count) {
        records += count;
        line("batch " + store + " " + partition.partition() + " " + count);
    }

    @Override
    public synchronized void onRestoreEnd(TopicPartition partition, String store, long total) {
        restoreEndNanos = System.nanoTime();
        storesRestored.add(store + " " + partition.partition());
        line("restored " + store + " " + partition.partition() + " " + total);
    }

    @Override
    public synchronized void onChange(State now, State before) {
        line("state " + now);
        if (now == State.RUNNING && !reported && storesRestored.size() == storesToRestore) {
            reported = true;
            line("running " + millis(startNanos, System.nanoTime()) + " " + millis(restoreStartNanos, restoreEndNanos)
                    + " " + records + " " + restoredBytes());
        }
    }

    @Override
    public StreamThreadExceptionResponse handle(Throwable exception) {
        exception.printStackTrace();
        if (exception.getCause() instanceof NumbersTopology.RefusedException) {
            line("refused");
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        line("failed " + exception);
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    private static double millis(long fromNanos, long toNanos) {
        return (toNanos - fromNanos) / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }

    /** Returns the bytes that the restore consumers have read, from their metrics. */
    private long restoredBytes() {
        return streams.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("bytes-consumed-total"))
                .filter(metric -> metric.getKey().tags().keySet().equals(Set.of("client-id")))
                .filter(metric -> metric.getKey().tags().toString().contains("restore-consumer"))
                .mapToLong(metric -> ((Number) metric.getValue().metricValue()).longValue())
                .sum();
    }
}

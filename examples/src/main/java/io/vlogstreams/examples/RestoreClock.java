/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import java.time.Duration;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** Measures the time from the first store that starts restoring to the last one that ends. Thread-safe. */
final class RestoreClock implements StateRestoreListener {
    private long startNanos;
    private long endNanos;
    private long records;

    @Override
    public synchronized void onRestoreStart(TopicPartition partition, String store, long startOffset, long endOffset) {
        if (startNanos == 0) {
            startNanos = System.nanoTime();
        }
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long batchEndOffset, long numRestored) {
        // Only the total time matters.
    }

    @Override
    public synchronized void onRestoreEnd(TopicPartition partition, String store, long totalRestored) {
        endNanos = System.nanoTime();
        records += totalRestored;
    }

    synchronized Duration elapsed() {
        return Duration.ofNanos(endNanos - startNanos);
    }

    synchronized long records() {
        return records;
    }
}

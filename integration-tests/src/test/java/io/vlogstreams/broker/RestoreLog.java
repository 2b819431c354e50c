/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** Counts the records that are restored into the stores of one instance. Thread-safe. */
final class RestoreLog implements StateRestoreListener {

    private final Map<String, Long> records = new TreeMap<>();

    @Override
    public synchronized void onRestoreStart(TopicPartition partition, String store, long startOffset, long endOffset) {
        records.merge(store, 0L, Long::sum);
    }

    @Override
    public synchronized void onBatchRestored(TopicPartition partition, String store, long endOffset, long count) {
        records.merge(store, count, Long::sum);
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long total) {
        // Counted already.
    }

    /** Returns the number of records restored into the store so far. */
    synchronized long records(String store) {
        return records.getOrDefault(store, 0L);
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/** Walks through the whole store in key order, more than once. An entry is an operation. */
record FullScan(Part part) implements Step {

    /** What is looked at. */
    enum Part {
        ENTRIES,
        KEYS
    }

    private static final int TIMES = 2;
    private static final int ENTRIES_PER_SAMPLE = 256;
    private static final int SAMPLES_MAX = 16;

    @Override
    public void run(TestedStore store, Recorder recorder, Map<Figure, Double> figures) {
        for (int i = 0; i < TIMES; i++) {
            List<KeyValue<Bytes, byte[]>> samples = new ArrayList<>();
            int entries = walk(store, recorder, samples);
            if (entries != store.input().keys()) {
                throw new IllegalStateException("a scan found " + entries + " entries instead of "
                        + store.input().keys());
            }
            for (KeyValue<Bytes, byte[]> sample : samples) {
                int number = Input.number(sample.key.get());
                store.input().checkBytes(number, store.version(number), sample.value);
            }
            recorder.operations(entries);
        }
    }

    private int walk(TestedStore store, Recorder recorder, List<KeyValue<Bytes, byte[]>> samples) {
        int entries = 0;
        long bytes = 0;
        Bytes previous = null;
        long start = System.nanoTime();
        try (KeyValueIterator<Bytes, byte[]> iterator = store.store().all()) {
            while (iterator.hasNext()) {
                Bytes key;
                if (part == Part.KEYS) {
                    // Kafka's interface has no other way to the next key than through the value: this is what the
                    // caching layer does with an entry it only skips.
                    key = iterator.peekNextKey();
                    iterator.next();
                } else {
                    KeyValue<Bytes, byte[]> entry = iterator.next();
                    key = entry.key;
                    int number = Input.number(key.get());
                    store.input().checkTag(number, store.version(number), entry.value);
                    bytes += entry.value.length;
                    if (entries % ENTRIES_PER_SAMPLE == 0 && samples.size() < SAMPLES_MAX) {
                        samples.add(entry);
                    }
                }
                if (previous != null && previous.compareTo(key) >= 0) {
                    throw new IllegalStateException("a scan is out of order at " + key);
                }
                previous = key;
                entries++;
            }
        }
        recorder.scan(System.nanoTime() - start, bytes);
        return entries;
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import io.vlogstreams.VLogKeyIterator;
import io.vlogstreams.VLogKeysQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Walks through the whole store in key order, more than once. An entry is an operation.
 *
 * <p>A store that can hand out keys alone is asked for that when keys are all that is looked at. Kafka's interface has
 * no other way to the next key than through the value: then {@code peekNextKey()} and {@code next()} are called, as the
 * caching layer does with an entry it only skips.
 */
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
            Walk walk = new Walk(store);
            long start = System.nanoTime();
            if (part == Part.ENTRIES) {
                walk.entries();
            } else if (store.kind().hasKeysQuery()) {
                walk.keys();
            } else {
                walk.keysOfEntries();
            }
            recorder.scan(System.nanoTime() - start, walk.bytes);
            recorder.operations(walk.count);
            walk.check();
        }
    }

    /** Once through the store. */
    private static final class Walk {

        private final TestedStore store;
        private final List<KeyValue<Bytes, byte[]>> samples = new ArrayList<>();
        private int count;
        private long bytes;
        private Bytes previous;

        private Walk(TestedStore store) {
            this.store = store;
        }

        private void entries() {
            try (KeyValueIterator<Bytes, byte[]> iterator = store.store().all()) {
                while (iterator.hasNext()) {
                    KeyValue<Bytes, byte[]> entry = iterator.next();
                    int number = Input.number(entry.key.get());
                    store.input().checkTag(number, store.version(number), entry.value);
                    bytes += entry.value.length;
                    if (count % ENTRIES_PER_SAMPLE == 0 && samples.size() < SAMPLES_MAX) {
                        samples.add(entry);
                    }
                    take(entry.key);
                }
            }
        }

        private void keysOfEntries() {
            try (KeyValueIterator<Bytes, byte[]> iterator = store.store().all()) {
                while (iterator.hasNext()) {
                    take(iterator.peekNextKey());
                    iterator.next();
                }
            }
        }

        private void keys() {
            VLogKeysQuery<Bytes> all = VLogKeysQuery.withNoBounds(Serdes.Bytes());
            try (VLogKeyIterator<Bytes> iterator = store.store()
                    .query(all, PositionBound.unbounded(), new QueryConfig(false))
                    .getResult()) {
                while (iterator.hasNext()) {
                    take(iterator.next());
                }
            }
        }

        private void take(Bytes key) {
            if (previous != null && previous.compareTo(key) >= 0) {
                throw new IllegalStateException("a scan is out of order at " + key);
            }
            previous = key;
            count++;
        }

        /** Outside of the time that is measured. */
        private void check() {
            if (count != store.input().keys()) {
                throw new IllegalStateException("a scan found " + count + " entries instead of "
                        + store.input().keys());
            }
            for (KeyValue<Bytes, byte[]> sample : samples) {
                int number = Input.number(sample.key.get());
                store.input().checkBytes(number, store.version(number), sample.value);
            }
        }
    }
}

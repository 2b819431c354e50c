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
 * Scans the whole store in key order, more than once. An entry is an operation.
 *
 * <p>A scan of keys uses a query for keys if the store has one. Otherwise it calls {@code peekNextKey()} and
 * {@code next()}, as the caching layer does with an entry that it skips, because Kafka's interface has no other way to
 * the next key.
 */
record FullScan(Part part) implements Step {

    /** The part of the entries that is read. */
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

    /** One scan of the store. */
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

        /** Checks the entry outside of the measured time. */
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

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.util.Map;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/** Reads the neighbours of each of these keys, with values. A scan is an operation. */
record PrefixScans(Picks picks) implements Step {

    private static final ByteArraySerializer SERIALIZER = new ByteArraySerializer();

    @Override
    public void run(TestedStore store, Recorder recorder, Map<Figure, Double> figures) {
        picks.forEach(number -> scan(store, number, recorder));
    }

    private static void scan(TestedStore store, int number, Recorder recorder) {
        Input input = store.input();
        byte[] prefix = input.prefix(number);
        int first = number - number % Input.KEYS_PER_PREFIX;
        int end = Math.min(first + Input.KEYS_PER_PREFIX, input.keys());
        int expected = first;
        long bytes = 0;
        long start = System.nanoTime();
        try (KeyValueIterator<Bytes, byte[]> iterator = store.store().prefixScan(prefix, SERIALIZER)) {
            while (iterator.hasNext()) {
                KeyValue<Bytes, byte[]> entry = iterator.next();
                // The tag has the number of the key, so this checks both.
                input.checkTag(expected, store.version(expected), entry.value);
                bytes += entry.value.length;
                expected++;
            }
        }
        recorder.scan(System.nanoTime() - start, bytes);
        recorder.operations(1);
        if (expected != end) {
            throw new IllegalStateException("a prefix scan ended before key " + expected + " instead of " + end);
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Restores a new store from a changelog, in batches like those of a restore consumer: every key once, then some of them
 * again. A record is an operation.
 */
record Restore(Picks all, Picks again) implements Step {

    /** Defaults of {@code max.poll.records} in Kafka Streams, and of {@code max.partition.fetch.bytes}. */
    private static final int BATCH_RECORDS = 1000;

    private static final long BATCH_BYTES = 1 << 20;

    @Override
    public void run(TestedStore store, Recorder recorder, Map<Figure, Double> figures)
            throws IOException, InterruptedException {
        Path folder = folder(store);
        try (TestedStore restored = TestedStore.create(store.kind(), folder, store.input(), store.options())) {
            Changelog changelog = new Changelog(restored, recorder);
            all.forEach(changelog::add);
            again.forEach(changelog::add);
            changelog.restoreBatch();
            restored.commit(recorder);
            restored.settle();
            restored.checkNewest(again);
        }
    }

    /** Returns the folder of the restored store, which is kept to be measured. */
    static Path folder(TestedStore store) {
        return store.folder().resolveSibling(store.folder().getFileName() + "-restored");
    }

    /** Collects a batch and restores it when it is full. */
    private static final class Changelog {

        private final TestedStore restored;
        private final Recorder recorder;
        private List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>();
        private long batchBytes;
        private long offset;

        Changelog(TestedStore restored, Recorder recorder) {
            this.restored = restored;
            this.recorder = recorder;
        }

        void add(int number) {
            byte[] value = restored.nextValue(number);
            if (batch.size() == BATCH_RECORDS || (!batch.isEmpty() && batchBytes + value.length > BATCH_BYTES)) {
                restoreBatch();
            }
            byte[] key = restored.input().key(number).get();
            batch.add(new ConsumerRecord<>(
                    TestedStore.CHANGELOG.topic(), TestedStore.CHANGELOG.partition(), offset++, key, value));
            batchBytes += value.length;
        }

        void restoreBatch() {
            long start = System.nanoTime();
            restored.context().restore(batch);
            recorder.restore(System.nanoTime() - start, batchBytes);
            recorder.operations(batch.size());
            restored.written(batch.size(), batchBytes, recorder);
            batch = new ArrayList<>();
            batchBytes = 0;
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import io.vlogstreams.VLogCleanup;
import java.io.File;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.CommitCallback;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;

/**
 * A task for one store, without a broker: folder, properties, real metrics, the record being processed, restoring and
 * punctuation. For one thread.
 */
final class TaskContext implements StateStoreContext {

    private final MockProcessorContext<Void, Void> kafka;
    private StateRestoreCallback restoreCallback;
    private long nextPunctuationNanos;

    TaskContext(Path taskFolder, Map<String, Object> properties) {
        Properties all = new Properties();
        all.put(StreamsConfig.APPLICATION_ID_CONFIG, "benchmark");
        all.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
        all.putAll(properties);
        kafka = new MockProcessorContext<>(all, new TaskId(0, 0), taskFolder.toFile());
    }

    /** Sets the record that is being processed. */
    void processing(long offset) {
        kafka.setRecordMetadata("input", 0, offset);
    }

    /** Passes changelog records to the store, as Streams does when it restores. */
    void restore(Collection<ConsumerRecord<byte[], byte[]>> records) {
        ((RecordBatchingStateRestoreCallback) restoreCallback).restoreBatch(records);
    }

    /** Adds the processor whose punctuator wakes the cleanup of the VLog stores of the task. */
    void addCleanup(String storeName) {
        VLogCleanup.<Void, Void>processor(storeName).get().init(kafka);
        nextPunctuationNanos = System.nanoTime();
    }

    /** Returns whether a punctuation is due; then the caller calls {@link #punctuate()} when convenient. */
    boolean isPunctuationDue() {
        return hasPunctuator() && System.nanoTime() >= nextPunctuationNanos;
    }

    boolean hasPunctuator() {
        return !kafka.scheduledPunctuators().isEmpty();
    }

    void punctuate() {
        for (CapturedPunctuator scheduled : kafka.scheduledPunctuators()) {
            scheduled.getPunctuator().punctuate(System.currentTimeMillis());
            nextPunctuationNanos = System.nanoTime() + scheduled.getInterval().toNanos();
        }
    }

    @Override
    public void register(StateStore store, StateRestoreCallback callback) {
        restoreCallback = callback;
    }

    @Override
    public void register(StateStore store, StateRestoreCallback callback, CommitCallback commitCallback) {
        register(store, callback);
    }

    @Override
    public String applicationId() {
        return kafka.applicationId();
    }

    @Override
    public TaskId taskId() {
        return kafka.taskId();
    }

    @Override
    public Optional<RecordMetadata> recordMetadata() {
        return kafka.recordMetadata();
    }

    @Override
    public Serde<?> keySerde() {
        return kafka.keySerde();
    }

    @Override
    public Serde<?> valueSerde() {
        return kafka.valueSerde();
    }

    @Override
    public File stateDir() {
        return kafka.stateDir();
    }

    @Override
    public StreamsMetrics metrics() {
        return kafka.metrics();
    }

    @Override
    public Map<String, Object> appConfigs() {
        return kafka.appConfigs();
    }

    @Override
    public Map<String, Object> appConfigsWithPrefix(String prefix) {
        return kafka.appConfigsWithPrefix(prefix);
    }
}

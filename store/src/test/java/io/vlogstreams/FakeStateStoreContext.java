/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import java.io.File;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.StreamsMetrics;
import org.apache.kafka.streams.processor.CommitCallback;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;

/**
 * A fake context for a store, without Kafka Streams: a task folder, properties, the record being processed. It keeps
 * the registered restore callback, so that a test can restore like a StateUpdater. For one thread.
 */
public final class FakeStateStoreContext implements StateStoreContext {

    private final MockProcessorContext<Void, Void> kafka;
    private StateStore registered;
    private StateRestoreCallback restoreCallback;
    private RuntimeException failure;

    public FakeStateStoreContext(Path taskFolder, Map<String, ?> properties) {
        this(taskFolder, properties, new TaskId(0, 0));
    }

    public FakeStateStoreContext(Path taskFolder, Map<String, ?> properties, TaskId taskId) {
        Properties all = new Properties();
        all.putAll(properties);
        kafka = new MockProcessorContext<>(all, taskId, taskFolder.toFile());
    }

    /** Sets the record that is being processed. */
    public void processing(String topic, int partition, long offset) {
        kafka.setRecordMetadata(topic, partition, offset);
    }

    /** Passes changelog records to the store, as Streams does when it restores. */
    public void restore(Collection<ConsumerRecord<byte[], byte[]>> records) {
        ((RecordBatchingStateRestoreCallback) restoreCallback).restoreBatch(records);
    }

    /** Returns the store that was registered last. */
    public StateStore registered() {
        return registered;
    }

    /** Records a request for a commit. */
    public void requestCommit() {
        kafka.commit();
    }

    /** Returns whether a commit was requested since the last call. */
    public boolean tookCommitRequest() {
        boolean requested = kafka.committed();
        kafka.resetCommit();
        return requested;
    }

    /** Makes the next registration fail with this exception. */
    public void failRegistrationWith(RuntimeException exception) {
        failure = exception;
    }

    @Override
    public void register(StateStore store, StateRestoreCallback callback) {
        if (failure != null) {
            throw failure;
        }
        registered = store;
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

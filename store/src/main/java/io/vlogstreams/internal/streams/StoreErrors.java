/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.engine.StoreDamagedException;
import io.vlogstreams.internal.index.IndexDamagedException;
import java.io.IOException;
import java.util.Set;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Translates errors of a store to exceptions that Kafka Streams acts on: {@link TaskCorruptedException} if restoring
 * the task helps, {@link ProcessorStateException} otherwise.
 *
 * <p>Under exactly-once a processing task is never reported as corrupted. Kafka Streams 4.3.1 would open it again and
 * rebalance; if the rebalance comes first, Streams does not seek back to the committed offset of the input, so records
 * are lost. A dying thread loses none: its tasks are restored, and continue from the committed offset. Thread-safe.
 */
final class StoreErrors {

    private static final Logger LOG = LoggerFactory.getLogger(StoreErrors.class);

    /** Prepares the store for being restored. */
    interface Restoring {
        /** Returns whether Streams will restore the store if the calling thread throws a corresponding exception. */
        boolean prepare(IOException damage);
    }

    private final String storeName;
    private final TaskId taskId;
    private final Restoring restoring;

    StoreErrors(String storeName, TaskId taskId, Restoring restoring) {
        this.storeName = storeName;
        this.taskId = taskId;
        this.restoring = restoring;
    }

    String storeName() {
        return storeName;
    }

    /** Translates an error of an open store. */
    StreamsException translate(String doing, IOException cause) {
        ProcessorStateException error = stateException(storeName, doing, cause);
        if (cause instanceof StoreDamagedException || cause instanceof IndexDamagedException) {
            LOG.error("Task {}: {}", taskId, error.getMessage(), cause);
            if (restoring.prepare(cause)) {
                return taskCorrupted(taskId, error);
            }
        }
        return error;
    }

    /**
     * Translates the error of a store that could not be opened. It never reports a corrupted task: with transactional
     * stores Streams 4.4.0 does not wipe the task then and opens it again for ever. A store that can be restored has
     * emptied itself instead.
     */
    static StreamsException whileOpening(String storeName, IOException cause) {
        return stateException(storeName, "opening", cause);
    }

    private static TaskCorruptedException taskCorrupted(TaskId taskId, ProcessorStateException error) {
        try {
            return new TaskCorruptedException(Set.of(taskId), error);
        } catch (NoSuchMethodError before43) {
            TaskCorruptedException corrupted = new TaskCorruptedException(Set.of(taskId));
            corrupted.initCause(error);
            return corrupted;
        }
    }

    private static ProcessorStateException stateException(String storeName, String doing, IOException cause) {
        // The metered layer above passes the message through String.format.
        String message = "Error " + doing + " store " + storeName + ": " + cause.getMessage();
        return new ProcessorStateException(message.replace("%", "%%"), cause);
    }
}

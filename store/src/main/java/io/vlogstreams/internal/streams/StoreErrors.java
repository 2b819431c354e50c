/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.internal.engine.DirtyStoreException;
import io.vlogstreams.internal.engine.StoreDamagedException;
import java.io.IOException;
import java.util.Set;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.TaskId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what went wrong in a store into what Kafka Streams can act on: {@link TaskCorruptedException} where restoring the
 * task mends it, {@link ProcessorStateException} otherwise. Any thread.
 */
final class StoreErrors {

    private static final Logger LOG = LoggerFactory.getLogger(StoreErrors.class);

    /** Asks for the store to be restored. */
    interface Restoring {
        /** Whether Streams will restore it if it is told so by an exception on the calling thread. */
        boolean prepare();
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

    StreamsException translate(String doing, IOException cause) {
        ProcessorStateException error = stateException(doing, cause);
        if (cause instanceof DirtyStoreException) {
            return new TaskCorruptedException(Set.of(taskId), error);
        }
        if (cause instanceof StoreDamagedException) {
            LOG.error("Task {}: {}", taskId, error.getMessage(), cause);
            if (restoring.prepare()) {
                return new TaskCorruptedException(Set.of(taskId), error);
            }
        }
        return error;
    }

    private ProcessorStateException stateException(String doing, IOException cause) {
        // The metered layer above passes the message through String.format.
        String message = "Error " + doing + " store " + storeName + ": " + cause.getMessage();
        return new ProcessorStateException(message.replace("%", "%%"), cause);
    }
}

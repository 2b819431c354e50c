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
 * Turns what went wrong in a store into what Kafka Streams can act on: {@link TaskCorruptedException} where restoring
 * the task mends it, {@link ProcessorStateException} otherwise.
 *
 * <p>Under exactly-once a task that processes is never said to be corrupted: Kafka Streams 4.3.1 then opens it again
 * and rebalances, and if the rebalance comes first, it forgets to go back to the committed offset of the input, so
 * records are lost. A thread that dies loses none: its tasks are restored, and go on from the committed offset. Any
 * thread.
 */
final class StoreErrors {

    private static final Logger LOG = LoggerFactory.getLogger(StoreErrors.class);

    /** Asks for the store to be restored. */
    interface Restoring {
        /** Whether Streams will restore it if it is told so by an exception on the calling thread. */
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

    /** For a store that is open. */
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
     * For a store that could not be opened. Never a corrupted task: with transactional stores Streams 4.4.0 wipes none
     * for that and opens it again for ever, so a store that can be restored has emptied itself instead.
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

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

/**
 * The threads that Kafka Streams works on a store with: the one that opened it, and the last one that wrote. Others
 * query.
 */
final class ProcessingThreads {

    private final Thread opener = Thread.currentThread();
    private volatile Thread writer = opener;

    /** The calling thread writes. */
    void writes() {
        if (writer != Thread.currentThread()) {
            writer = Thread.currentThread();
        }
    }

    /** Whether the calling thread is one of them. */
    boolean includeCaller() {
        Thread caller = Thread.currentThread();
        return caller == writer || caller == opener;
    }
}

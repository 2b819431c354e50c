/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

/**
 * The threads with which Kafka Streams processes a store: the one that opened it, and the last one that wrote. All
 * other threads run queries.
 */
final class ProcessingThreads {

    private final Thread opener = Thread.currentThread();
    private volatile Thread writer = opener;

    /** Records that the calling thread writes. */
    void writes() {
        if (writer != Thread.currentThread()) {
            writer = Thread.currentThread();
        }
    }

    /** Returns whether the calling thread is one of them. */
    boolean includeCaller() {
        Thread caller = Thread.currentThread();
        return caller == writer || caller == opener;
    }
}

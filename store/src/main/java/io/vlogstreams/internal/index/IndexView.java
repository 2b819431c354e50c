/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

/**
 * The index as it was at one moment. Nothing is called during or after {@link #close()}; cursors may outlive it.
 */
public interface IndexView extends IndexReader, AutoCloseable {

    @Override
    void close();
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

/**
 * A snapshot of the index. No method may be called during or after {@link #close()}; cursors may outlive the view.
 */
public interface IndexView extends IndexReader, AutoCloseable {

    @Override
    void close();
}

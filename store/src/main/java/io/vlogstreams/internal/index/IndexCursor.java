/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;

/**
 * A cursor over a range of the index as of the moment when the cursor was opened, in ascending or descending key order.
 * A new cursor stands at its first entry. For one thread at a time.
 */
public interface IndexCursor extends AutoCloseable {

    /**
     * Returns whether the cursor stands at an entry.
     *
     * @throws IndexException if the cursor ended because the index could not be read
     */
    boolean isValid() throws IndexException;

    /** Returns the key of the current entry; only if valid. */
    byte[] key();

    /** Returns the location of the current entry; only if valid. */
    ValueLocation location() throws IOException;

    /** Moves to the next entry in the cursor's direction; only if valid. */
    void advance();

    @Override
    void close();
}

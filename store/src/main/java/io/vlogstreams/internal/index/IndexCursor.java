/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;

/**
 * A walk over a range of the index as it was when the cursor was opened, in ascending or descending key order. It
 * stands at its first entry when it is made. One thread at a time.
 */
public interface IndexCursor extends AutoCloseable {

    /**
     * Whether the cursor stands at an entry.
     *
     * @throws IndexException if the walk ended because the index could not be read, not because the range did
     */
    boolean isValid() throws IndexException;

    /** The key it stands at; only if valid. */
    byte[] key();

    /** The location it stands at; only if valid. */
    ValueLocation location() throws IOException;

    /** Goes to the next entry in the cursor's direction; only if valid. */
    void advance();

    @Override
    void close();
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The reading side of the index, or of a view of it. Thread-safe. */
public interface IndexReader {

    /** Returns the location of the key, or null if it has none. */
    @Nullable
    ValueLocation get(byte[] key) throws IOException;

    /** Opens a cursor over a snapshot of the range; the caller closes it. */
    IndexCursor openCursor(KeyRange range, boolean ascending);
}

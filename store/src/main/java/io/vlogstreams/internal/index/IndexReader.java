/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What can be read: the index, or a view of it. Any number of threads. */
public interface IndexReader {

    /** The location of the key, or null if it has none. */
    @Nullable
    ValueLocation get(byte[] key) throws IOException;

    /** A snapshot of the range, walked upwards or downwards; the caller closes it. */
    IndexCursor openCursor(KeyRange range, boolean ascending);
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A file that can be read at any position. */
public interface ReadableFile {

    /** Fills {@code target}, or stops at the end of the file; returns the number of bytes read, 0 at the end. */
    int read(ByteBuffer target, long position) throws IOException;
}

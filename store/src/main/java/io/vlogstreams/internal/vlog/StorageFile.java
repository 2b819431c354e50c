/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open file of a {@link Storage}. All positions are explicit, so a failed call can be repeated.
 *
 * <p>Implementations are thread-safe. An interrupt of a thread neither fails a call nor closes the file.
 */
public interface StorageFile extends ReadableFile, Closeable {

    /** Writes all remaining bytes of {@code source}. After a failure any part of them may have been written. */
    void write(ByteBuffer source, long position) throws IOException;

    /** Returns the length in bytes. */
    long size() throws IOException;

    /** Truncates the file to {@code size} bytes; a shorter file stays unchanged. */
    void truncate(long size) throws IOException;

    /** Makes the bytes and the length of the file durable, but not its name, see {@link Storage#sync()}. */
    void sync() throws IOException;
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open file of a {@link Storage}. Every position is explicit, so a call that failed can be made again as it was.
 *
 * <p>Implementations are thread-safe, and a thread's interrupt neither fails a call nor closes the file.
 */
public interface StorageFile extends ReadableFile, Closeable {

    /** Writes all remaining bytes of {@code source}. After a failure any part of them may have been written. */
    void write(ByteBuffer source, long position) throws IOException;

    /** The length in bytes. */
    long size() throws IOException;

    /** Cuts the file to {@code size} bytes; a shorter file stays as it is. */
    void truncate(long size) throws IOException;

    /** Makes the file's bytes and its length durable; not its name, see {@link Storage#sync()}. */
    void sync() throws IOException;
}

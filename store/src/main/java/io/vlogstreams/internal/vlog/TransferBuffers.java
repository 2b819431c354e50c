/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The direct buffers through which all bytes go between VLog files and the heap. The whole process shares a few of
 * them, whatever the number of threads and stores. Without them the JDK would keep a buffer for each thread, as large
 * as the largest read or write of that thread.
 *
 * <p>A thread has at most one of them, during a read or write. If other users have taken all direct memory, readers and
 * writers do not fail but wait for a buffer. The first buffer is allocated when the first store of the process is
 * opened, and buffers are never freed.
 *
 * <p>Thread-safe.
 */
final class TransferBuffers {

    /** The size of each buffer; larger reads and writes are split. */
    static final int BYTES = 128 * 1024;

    /** The number of reads that can wait for the disk concurrently. */
    private static final int MAX_BUFFERS = 32;

    /** All buffers together take at most this part of the JVM's limit of direct memory. */
    private static final int PART_OF_DIRECT_MEMORY = 8;

    /**
     * Retries are rare, because the JVM collects garbage and waits before it reports that direct memory is exhausted.
     */
    private static final long RETRY_NANOS = 60_000_000_000L;

    private static final TransferBuffers OF_PROCESS = new TransferBuffers(
            (int) Math.max(1, Math.min(MAX_BUFFERS, DirectMemoryLimit.bytes() / PART_OF_DIRECT_MEMORY / BYTES)),
            ByteBuffer::allocateDirect,
            System::nanoTime);

    static {
        OF_PROCESS.allocateFirst();
    }

    private final LendingPool<ByteBuffer> pool;
    private final IntFunction<ByteBuffer> allocation;
    private final LongSupplier nanoTime;

    private boolean refused; // guarded by the pool's lock, as is the time of it
    private long refusedAt;

    /** @param allocation allocates so many bytes, or throws an {@link OutOfMemoryError} */
    TransferBuffers(int maxBuffers, IntFunction<ByteBuffer> allocation, LongSupplier nanoTime) {
        this.pool = new LendingPool<>(maxBuffers, this::allocate);
        this.allocation = allocation;
        this.nanoTime = nanoTime;
    }

    static TransferBuffers ofProcess() {
        return OF_PROCESS;
    }

    /**
     * Lends a buffer of {@value #BYTES} bytes, with any position and limit. The caller must not have another one.
     *
     * @throws IOException if no buffer could be allocated since the process started
     */
    LendingPool<ByteBuffer>.Loan borrow() throws IOException {
        LendingPool<ByteBuffer>.Loan loan = pool.borrow();
        if (loan == null) {
            throw new IOException("There is no direct memory for a single buffer of " + BYTES
                    + " bytes to read and write VLog files: give the JVM more (-XX:MaxDirectMemorySize), or find out what"
                    + " took all of it");
        }
        return loan;
    }

    /** Returns the number of buffers. */
    int size() {
        return pool.size();
    }

    private void allocateFirst() {
        LendingPool<ByteBuffer>.Loan first = pool.borrow();
        if (first != null) {
            first.close();
        }
    }

    private @Nullable ByteBuffer allocate() {
        if (refused && nanoTime.getAsLong() - refusedAt < RETRY_NANOS) {
            return null;
        }
        try {
            refused = false;
            return allocation.apply(BYTES);
        } catch (OutOfMemoryError e) {
            refused = true; // other users have the memory
            refusedAt = nanoTime.getAsLong();
            return null;
        }
    }
}

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
 * The buffers outside the heap through which all bytes go between the VLog files and the heap. There are few of them
 * for the whole process, whatever the number of threads and stores. Without them the JDK would keep a buffer for each
 * thread, as large as the largest read or write of that thread.
 *
 * <p>A thread has at most one of them, for the time of a read or write. So no reader or writer fails because other
 * users have taken all direct memory: it waits for a buffer that is in use. The first buffer is allocated when the
 * first store of the process is opened, and buffers are never freed.
 *
 * <p>Thread-safe.
 */
final class TransferBuffers {

    /** The size of each: a larger read or write is made in pieces. */
    static final int BYTES = 128 * 1024;

    /** As many reads as this can wait for the disk at a time. */
    private static final int MAX_BUFFERS = 32;

    /** All buffers take no more than this part of the direct memory that the JVM allows. */
    private static final int PART_OF_DIRECT_MEMORY = 8;

    /** The JVM collects garbage and waits before it says that it has no direct memory, so it is not asked often. */
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

    /** @param allocation gives so many bytes, or throws an {@link OutOfMemoryError} */
    TransferBuffers(int maxBuffers, IntFunction<ByteBuffer> allocation, LongSupplier nanoTime) {
        this.pool = new LendingPool<>(maxBuffers, this::allocate);
        this.allocation = allocation;
        this.nanoTime = nanoTime;
    }

    static TransferBuffers ofProcess() {
        return OF_PROCESS;
    }

    /**
     * Lends a buffer of {@value #BYTES} bytes, of whatever position and limit. The caller must not have another one.
     *
     * @throws IOException if not even one could be allocated since the process began
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

    /** How many there are. */
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
            refused = true; // others have it
            refusedAt = nanoTime.getAsLong();
            return null;
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.DirectMemoryLimit;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Memory outside of the heap for caches, up to a limit. Caches can do without it. Other users cannot: the JVM has one
 * limit for all direct memory, and every channel takes some for its reads and writes.
 *
 * <p>Thread-safe.
 */
final class DirectMemory {

    /**
     * The caches of all stores of this process take at most this part of the limit of the JVM. Memory that closed
     * stores have given back may add as much again until the garbage collector frees it.
     */
    private static final int PART_OF_ALL = 4;

    private static final DirectMemory OF_PROCESS = new DirectMemory(DirectMemoryLimit.bytes() / PART_OF_ALL);

    /** A cache line of the processor; data that is read together should lie in as few lines as possible. */
    private static final int LINE_BYTES = 64;

    private final long limit;
    private final IntFunction<ByteBuffer> allocation;
    private final AtomicLong taken = new AtomicLong();

    /** Whether the last allocation failed. Each further attempt would make the JVM collect garbage, and wait. */
    private volatile boolean exhausted;

    DirectMemory(long limit) {
        this(limit, ByteBuffer::allocateDirect);
    }

    /** @param allocation allocates so many bytes, or throws an {@link OutOfMemoryError} */
    DirectMemory(long limit, IntFunction<ByteBuffer> allocation) {
        this.limit = limit;
        this.allocation = allocation;
    }

    static DirectMemory ofProcess() {
        return OF_PROCESS;
    }

    /**
     * Allocates zeroed memory, little-endian, aligned to a cache line; returns null if there is not enough.
     *
     * @param bytes a multiple of {@value #LINE_BYTES}
     */
    @Nullable
    ByteBuffer take(int bytes) {
        return take(bytes, limit);
    }

    /** The same for a user that already has a large share: it leaves the second half of the memory to others. */
    @Nullable
    ByteBuffer takeSpare(int bytes) {
        return take(bytes, limit / 2);
    }

    private @Nullable ByteBuffer take(int bytes, long upTo) {
        if (taken.addAndGet(bytes) <= upTo && !exhausted) {
            try {
                return allocation
                        .apply(bytes + LINE_BYTES)
                        .alignedSlice(LINE_BYTES)
                        .limit(bytes)
                        .order(ByteOrder.LITTLE_ENDIAN);
            } catch (OutOfMemoryError e) {
                exhausted = true; // other users of direct memory have it
            }
        }
        taken.addAndGet(-bytes);
        return null;
    }

    /** Gives back memory that is no longer used. It is freed by the garbage collector. */
    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
        exhausted = false;
    }

    long taken() {
        return taken.get();
    }
}

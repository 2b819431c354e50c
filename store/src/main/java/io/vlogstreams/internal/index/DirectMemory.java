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
 * Memory outside of the heap, up to a limit. What has no need of it goes without, rather than to let those run out of
 * it who need it: the JVM has one limit for all, and every channel takes some for what it reads and writes.
 *
 * <p>Any thread.
 */
final class DirectMemory {

    /**
     * Caches of all stores of this process take no more than this part of what the JVM allows. What closed stores have
     * given back may be as much again until the collector frees it.
     */
    private static final int PART_OF_ALL = 4;

    private static final DirectMemory OF_PROCESS = new DirectMemory(DirectMemoryLimit.bytes() / PART_OF_ALL);

    /** What is read together should lie in as few lines of the processor's cache as possible. */
    private static final int LINE_BYTES = 64;

    private final long limit;
    private final IntFunction<ByteBuffer> allocation;
    private final AtomicLong taken = new AtomicLong();

    /** Whether the JVM had no more at last. To ask it again would make it collect garbage, and wait, each time. */
    private volatile boolean exhausted;

    DirectMemory(long limit) {
        this(limit, ByteBuffer::allocateDirect);
    }

    /** @param allocation gives so many bytes, or throws an {@link OutOfMemoryError} */
    DirectMemory(long limit, IntFunction<ByteBuffer> allocation) {
        this.limit = limit;
        this.allocation = allocation;
    }

    static DirectMemory ofProcess() {
        return OF_PROCESS;
    }

    /**
     * Zeros, little-endian, from the beginning of a line on; null if there is not so much.
     *
     * @param bytes a multiple of {@value #LINE_BYTES}
     */
    @Nullable
    ByteBuffer take(int bytes) {
        return take(bytes, limit);
    }

    /** The same for a user that has as much as others need: the second half of the memory is left to those. */
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
                exhausted = true; // others have it
            }
        }
        taken.addAndGet(-bytes);
        return null;
    }

    /** What was taken is not used any more. It is free when the collector has found that out. */
    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
        exhausted = false;
    }

    long taken() {
        return taken.get();
    }
}

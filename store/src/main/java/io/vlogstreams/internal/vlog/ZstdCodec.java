/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.Objects;

/**
 * Zstandard frames, each with the size of its value. The level only affects compression.
 *
 * <p>Thread-safe: each call has its own context, which is memory outside of the heap.
 */
record ZstdCodec(int level) implements Codec {

    static final int DEFAULT_LEVEL = 3;
    static final int MIN_LEVEL = 1;
    static final int MAX_LEVEL = 22;

    private static final int MAX_CONTEXTS = 32;

    /**
     * Contexts for decompressing, about 160 KB each outside of the heap, shared by all threads: creating one takes
     * longer than decompressing 4 KiB. Contexts for compressing are not kept, because their size depends on level and
     * value, and few threads write.
     */
    private static final LendingPool<ZstdDecompressCtx> CONTEXTS =
            new LendingPool<>(MAX_CONTEXTS, ZstdDecompressCtx::new);

    @Override
    public int maxCompressedBytes(int valueBytes) {
        return Math.toIntExact(Zstd.compressBound(valueBytes));
    }

    @Override
    public int compress(byte[] value, byte[] target, int targetOffset) {
        int room = target.length - targetOffset;
        return (int) Zstd.compressByteArray(target, targetOffset, room, value, 0, value.length, level);
    }

    @Override
    public boolean canBecome(int valueBytes, byte[] source, int offset, int length) {
        return Zstd.getFrameContentSize(source, offset, length) == valueBytes;
    }

    @Override
    public boolean decompress(byte[] source, int offset, int length, byte[] value) {
        try (LendingPool<ZstdDecompressCtx>.Loan context = Objects.requireNonNull(CONTEXTS.borrow())) {
            return context.get().decompressByteArray(value, 0, value.length, source, offset, length) == value.length;
        } catch (ZstdException e) {
            return false;
        }
    }
}

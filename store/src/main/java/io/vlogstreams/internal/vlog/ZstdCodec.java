/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Zstandard frames, each with the size of its value in it. The level matters for compressing only.
 *
 * <p>Thread-safe: a call has a context of its own, which is memory outside the heap.
 */
record ZstdCodec(int level) implements Codec {

    static final int DEFAULT_LEVEL = 3;
    static final int MIN_LEVEL = 1;
    static final int MAX_LEVEL = 22;

    private static final int MAX_IDLE_CONTEXTS = 8;

    /**
     * Contexts for decompressing that are kept for the next call, about 160 KB each: making one takes longer than
     * decompressing 4 KiB. Those for compressing are not kept: their size depends on level and value.
     */
    private static final BlockingQueue<ZstdDecompressCtx> IDLE = new ArrayBlockingQueue<>(MAX_IDLE_CONTEXTS);

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
        ZstdDecompressCtx idle = IDLE.poll();
        ZstdDecompressCtx context = idle == null ? new ZstdDecompressCtx() : idle;
        try {
            return context.decompressByteArray(value, 0, value.length, source, offset, length) == value.length;
        } catch (ZstdException e) {
            return false;
        } finally {
            if (!IDLE.offer(context)) {
                context.close();
            }
        }
    }
}

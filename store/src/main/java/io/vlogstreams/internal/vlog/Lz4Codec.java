/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * LZ4 blocks. Uses the library's fast compressor only: the slow ones take more time than Zstandard and gain less.
 *
 * <p>Thread-safe.
 */
final class Lz4Codec implements Codec {

    static final Lz4Codec INSTANCE = new Lz4Codec();

    /** The most bytes of a value that one byte of a block represents: it can lengthen a repetition by 255. */
    private static final int MAX_RATIO = 255;

    private final LZ4Compressor compressor;

    /** The safe decompressor, which checks bounds, unlike the library's fast one. */
    private final LZ4SafeDecompressor decompressor;

    private Lz4Codec() {
        LZ4Factory library = LZ4Factory.fastestInstance();
        compressor = library.fastCompressor();
        decompressor = library.safeDecompressor();
    }

    @Override
    public int maxCompressedBytes(int valueBytes) {
        return compressor.maxCompressedLength(valueBytes);
    }

    @Override
    public int compress(byte[] value, byte[] target, int targetOffset) {
        return compressor.compress(value, 0, value.length, target, targetOffset);
    }

    @Override
    public boolean canBecome(int valueBytes, byte[] source, int offset, int length) {
        return valueBytes <= (long) MAX_RATIO * length;
    }

    @Override
    public boolean decompress(byte[] source, int offset, int length, byte[] value) {
        try {
            return decompressor.decompress(source, offset, length, value, 0) == value.length;
        } catch (LZ4Exception e) {
            return false;
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The stored form of a value in a file with LZ4 or Zstandard compression. In a file without compression the value is
 * stored directly.
 *
 * <pre>
 * offset  size  field
 *      0     1  form             0 = the value as it is, 1 = compressed
 *
 * form 0:
 *      1     n  value
 *
 * form 1:
 *      1     4  value length     uncompressed
 *      5     m  compressed value
 * </pre>
 *
 * <p>The lengths and the checksum of record and pointer are those of the stored bytes, so that code that checks, scans
 * or copies records does not depend on compression.
 *
 * <p>Stateless.
 */
final class StoredValue {

    private static final int FORM_OFFSET = 0;
    private static final int VALUE_OFFSET = FORM_OFFSET + Byte.BYTES;
    private static final int VALUE_LENGTH_OFFSET = FORM_OFFSET + Byte.BYTES;
    private static final int COMPRESSED_OFFSET = VALUE_LENGTH_OFFSET + Integer.BYTES;

    private static final byte AS_IT_IS = 0;
    private static final byte COMPRESSED = 1;

    /** Smaller values hardly shrink. */
    static final int MIN_COMPRESSED_VALUE_BYTES = 64;

    /** For larger values the compressed bytes might not fit into an array. */
    static final int MAX_COMPRESSED_VALUE_BYTES = 1 << 30;

    /** A value must shrink by an eighth; less is not worth decompressing it with every read. */
    private static final int MIN_SAVED_PART = 8;

    private StoredValue() {}

    private static Codec codec(CompressionType compression, int zstdLevel) {
        return switch (compression) {
            case LZ4 -> Lz4Codec.INSTANCE;
            case ZSTD -> new ZstdCodec(zstdLevel);
            case NONE -> throw new IllegalArgumentException("Nothing to compress with");
        };
    }

    /** Returns the stored form of the value; the same array if there is no compression. */
    static byte[] encode(byte[] value, CompressionType compression, int zstdLevel) {
        if (compression == CompressionType.NONE) {
            return value;
        }
        if (value.length < MIN_COMPRESSED_VALUE_BYTES || value.length > MAX_COMPRESSED_VALUE_BYTES) {
            return asItIs(value);
        }
        Codec codec = codec(compression, zstdLevel);
        byte[] target = new byte[COMPRESSED_OFFSET + codec.maxCompressedBytes(value.length)];
        int storedBytes = COMPRESSED_OFFSET + codec.compress(value, target, COMPRESSED_OFFSET);
        if (storedBytes > value.length - value.length / MIN_SAVED_PART) {
            return asItIs(value);
        }
        ByteBuffer.wrap(target).put(FORM_OFFSET, COMPRESSED).putInt(VALUE_LENGTH_OFFSET, value.length);
        return Arrays.copyOf(target, storedBytes);
    }

    private static byte[] asItIs(byte[] value) {
        RecordLayout.checkLengths(0, value.length);
        byte[] stored = new byte[VALUE_OFFSET + value.length];
        stored[FORM_OFFSET] = AS_IT_IS;
        System.arraycopy(value, 0, stored, VALUE_OFFSET, value.length);
        return stored;
    }

    /**
     * Decodes the stored bytes of a value, up to the buffer's limit.
     *
     * @param file the file's path, for messages, like the offset of the record
     */
    static byte[] decode(ByteBuffer stored, CompressionType compression, String file, long recordOffset)
            throws CorruptRecordException {
        if (compression == CompressionType.NONE) {
            return rest(stored);
        }
        int storedBytes = stored.remaining();
        byte form = stored.hasRemaining() ? stored.get() : -1;
        if (form == AS_IT_IS) {
            return rest(stored);
        }
        if (form != COMPRESSED || storedBytes <= COMPRESSED_OFFSET) {
            throw new CorruptRecordException(
                    file, recordOffset, "a value of form", "0 or 1", "form " + form + " in " + storedBytes + " bytes");
        }
        int valueBytes = stored.getInt();
        byte[] source = stored.hasArray() ? stored.array() : rest(stored.slice());
        int offset = stored.hasArray() ? stored.arrayOffset() + stored.position() : 0;
        int length = storedBytes - COMPRESSED_OFFSET;
        Codec codec = codec(compression, ZstdCodec.DEFAULT_LEVEL);
        // Invariant 7: memory is allocated only for a length that these bytes can decompress to.
        if (valueBytes <= storedBytes
                || valueBytes > MAX_COMPRESSED_VALUE_BYTES
                || !codec.canBecome(valueBytes, source, offset, length)) {
            throw new CorruptRecordException(
                    file,
                    recordOffset,
                    "a value length",
                    "that " + length + " bytes of " + compression + " can have",
                    Integer.toUnsignedString(valueBytes));
        }
        byte[] value = new byte[valueBytes];
        if (!codec.decompress(source, offset, length, value)) {
            throw new CorruptRecordException(
                    file, recordOffset, compression + " of", valueBytes + " bytes", "something else");
        }
        return value;
    }

    private static byte[] rest(ByteBuffer stored) {
        byte[] bytes = new byte[stored.remaining()];
        stored.get(bytes);
        return bytes;
    }
}

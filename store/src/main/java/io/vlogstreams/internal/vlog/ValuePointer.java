/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.nio.ByteBuffer;

/**
 * A pointer to a record in the VLog.
 *
 * <pre>
 * offset  size  field
 *      0     1  pointer version  1
 *      1     4  file id
 *      5     8  offset           of the record's first byte in the file
 *     13     4  key length
 *     17     4  value length
 *     21     4  crc              the record's CRC-32
 * </pre>
 *
 * <p>Its string form is {@code file 7 @8192 +1500}: file id, offset, record size.
 *
 * <p>Immutable.
 *
 * @param fileId an unsigned 32-bit number
 */
public record ValuePointer(long fileId, long offset, int keyBytes, int valueBytes, int crc) {

    private static final int VERSION_OFFSET = 0;
    private static final int FILE_ID_OFFSET = VERSION_OFFSET + Byte.BYTES;
    private static final int OFFSET_OFFSET = FILE_ID_OFFSET + Integer.BYTES;
    private static final int KEY_BYTES_OFFSET = OFFSET_OFFSET + Long.BYTES;
    private static final int VALUE_BYTES_OFFSET = KEY_BYTES_OFFSET + Integer.BYTES;
    private static final int CRC_OFFSET = VALUE_BYTES_OFFSET + Integer.BYTES;

    /** The size of an encoded pointer. */
    public static final int BYTES = CRC_OFFSET + Integer.BYTES;

    private static final byte VERSION = 1;
    private static final String WHAT = "value pointer";

    public ValuePointer {
        if (fileId < 0 || fileId > FileName.MAX_ID || offset < 0 || keyBytes < 0 || valueBytes < 0) {
            throw new IllegalArgumentException("No value pointer can be: file " + fileId + ", offset " + offset
                    + ", key length " + keyBytes + ", value length " + valueBytes);
        }
    }

    /** Returns the size of the record. */
    public long recordBytes() {
        return RecordLayout.recordBytes(keyBytes, valueBytes);
    }

    /** Returns the 25 bytes of the pointer. */
    public byte[] encode() {
        byte[] bytes = new byte[BYTES];
        encode(ByteBuffer.wrap(bytes), 0);
        return bytes;
    }

    void encode(ByteBuffer target, int start) {
        target.put(start + VERSION_OFFSET, VERSION);
        target.putInt(start + FILE_ID_OFFSET, (int) fileId);
        target.putLong(start + OFFSET_OFFSET, offset);
        target.putInt(start + KEY_BYTES_OFFSET, keyBytes);
        target.putInt(start + VALUE_BYTES_OFFSET, valueBytes);
        target.putInt(start + CRC_OFFSET, crc);
    }

    /**
     * Decodes exactly 25 bytes.
     *
     * @throws MalformedLocationException if the bytes are not a pointer
     */
    public static ValuePointer decode(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new MalformedLocationException(WHAT, BYTES + " bytes", bytes.length + " bytes");
        }
        return decode(ByteBuffer.wrap(bytes), 0);
    }

    static ValuePointer decode(ByteBuffer source, int start) {
        int version = Byte.toUnsignedInt(source.get(start + VERSION_OFFSET));
        if (version != VERSION) {
            throw new MalformedLocationException(WHAT, "version " + VERSION, "version " + version);
        }
        long fileId = Integer.toUnsignedLong(source.getInt(start + FILE_ID_OFFSET));
        long offset = source.getLong(start + OFFSET_OFFSET);
        int keyBytes = source.getInt(start + KEY_BYTES_OFFSET);
        int valueBytes = source.getInt(start + VALUE_BYTES_OFFSET);
        checkSigned("offset", offset, Long.MAX_VALUE, Long.toUnsignedString(offset));
        checkSigned("key length", keyBytes, Integer.MAX_VALUE, Integer.toUnsignedString(keyBytes));
        checkSigned("value length", valueBytes, Integer.MAX_VALUE, Integer.toUnsignedString(valueBytes));
        return new ValuePointer(fileId, offset, keyBytes, valueBytes, source.getInt(start + CRC_OFFSET));
    }

    private static void checkSigned(String field, long value, long max, String found) {
        if (value < 0) {
            throw new MalformedLocationException(WHAT, field + " of at most " + max, found);
        }
    }

    @Override
    public String toString() {
        return "file " + fileId + " @" + offset + " +" + recordBytes();
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import io.vlogstreams.internal.vlog.VLogDamagedException.Kind;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The first 31 bytes of a VLog file.
 *
 * <pre>
 * offset  size  field
 *      0     4  magic           0x564C4F47, "VLOG"
 *      4     2  format version  1, or 2 if values are compressed
 *      6     4  file id         equals the one in the name
 *     10     8  created at      milliseconds since the epoch
 *     18     8  max file size   the option in force when the file was created
 *     26     1  compression     version 1: 0, none; version 2: 2 LZ4, 3 Zstandard
 *     27     4  checksum        version 1: 0; version 2: CRC-32 of the 27 bytes before
 * </pre>
 *
 * <p>With a wrong {@code compression} all values of a file would be wrong, so damage of this byte must be detected. The
 * checksum detects it. The version detects a header whose end was never written, because its zeros are valid in version
 * 1 only.
 *
 * <p>Immutable.
 */
record FileHeader(long fileId, long createdAtMs, long maxFileBytes, CompressionType compression) {

    private static final int MAGIC_OFFSET = 0;
    private static final int VERSION_OFFSET = MAGIC_OFFSET + Integer.BYTES;
    private static final int FILE_ID_OFFSET = VERSION_OFFSET + Short.BYTES;
    private static final int CREATED_AT_OFFSET = FILE_ID_OFFSET + Integer.BYTES;
    private static final int MAX_FILE_BYTES_OFFSET = CREATED_AT_OFFSET + Long.BYTES;
    private static final int COMPRESSION_OFFSET = MAX_FILE_BYTES_OFFSET + Long.BYTES;
    private static final int CHECKSUM_OFFSET = COMPRESSION_OFFSET + Byte.BYTES;

    /** The size of a header, and so the offset of the first record. */
    static final int BYTES = CHECKSUM_OFFSET + Integer.BYTES;

    private static final int MAGIC = 0x564C4F47;
    private static final short PLAIN_VERSION = 1;
    private static final short COMPRESSED_VERSION = 2;

    byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putInt(MAGIC_OFFSET, MAGIC);
        bytes.putShort(VERSION_OFFSET, isPlain(compression) ? PLAIN_VERSION : COMPRESSED_VERSION);
        bytes.putInt(FILE_ID_OFFSET, (int) fileId);
        bytes.putLong(CREATED_AT_OFFSET, createdAtMs);
        bytes.putLong(MAX_FILE_BYTES_OFFSET, maxFileBytes);
        bytes.put(COMPRESSION_OFFSET, compression.headerByte());
        bytes.putInt(CHECKSUM_OFFSET, checksum(bytes, compression));
        return bytes.array();
    }

    /**
     * Decodes the header of the file with this id.
     *
     * @param file the file's path, for messages
     * @throws VLogDamagedException if the header is damaged; the kind tells how
     */
    static FileHeader decode(byte[] header, long fileId, String file) throws VLogDamagedException {
        if (header.length != BYTES) {
            throw new VLogDamagedException(
                    Kind.WRONG_HEADER_SIZE, file, 0, String.valueOf(BYTES), String.valueOf(header.length));
        }
        ByteBuffer bytes = ByteBuffer.wrap(header);
        int magic = bytes.getInt(MAGIC_OFFSET);
        check(magic == MAGIC, Kind.WRONG_MAGIC, file, MAGIC_OFFSET, hex(MAGIC), hex(magic));

        int version = Short.toUnsignedInt(bytes.getShort(VERSION_OFFSET));
        boolean known = version == PLAIN_VERSION || version == COMPRESSED_VERSION;
        check(known, Kind.UNKNOWN_VERSION, file, VERSION_OFFSET, "1 or 2", String.valueOf(version));

        long id = Integer.toUnsignedLong(bytes.getInt(FILE_ID_OFFSET));
        check(id == fileId, Kind.WRONG_FILE_ID, file, FILE_ID_OFFSET, String.valueOf(fileId), String.valueOf(id));

        CompressionType compression = compression(bytes, version == PLAIN_VERSION, file);
        int expected = checksum(bytes, compression);
        int checksum = bytes.getInt(CHECKSUM_OFFSET);
        Kind wrong = isPlain(compression) ? Kind.RESERVED_BYTES_IN_USE : Kind.WRONG_HEADER_CHECKSUM;
        check(checksum == expected, wrong, file, CHECKSUM_OFFSET, hex(expected), hex(checksum));
        return new FileHeader(id, bytes.getLong(CREATED_AT_OFFSET), bytes.getLong(MAX_FILE_BYTES_OFFSET), compression);
    }

    private static CompressionType compression(ByteBuffer bytes, boolean plainVersion, String file)
            throws VLogDamagedException {
        byte found = bytes.get(COMPRESSION_OFFSET);
        CompressionType compression = CompressionType.ofHeaderByte(found);
        if (compression == null || isPlain(compression) != plainVersion) {
            String expected = plainVersion ? "0" : "2 or 3";
            throw new VLogDamagedException(
                    Kind.UNKNOWN_COMPRESSION, file, COMPRESSION_OFFSET, expected, "" + Byte.toUnsignedInt(found));
        }
        return compression;
    }

    private static int checksum(ByteBuffer header, CompressionType compression) {
        if (isPlain(compression)) {
            return 0;
        }
        CRC32 crc = new CRC32();
        crc.update(header.slice(0, CHECKSUM_OFFSET));
        return (int) crc.getValue();
    }

    private static boolean isPlain(CompressionType compression) {
        return compression == CompressionType.NONE;
    }

    private static void check(boolean right, Kind kind, String file, int offset, String expected, String found)
            throws VLogDamagedException {
        if (!right) {
            throw new VLogDamagedException(kind, file, offset, expected, found);
        }
    }

    private static String hex(int value) {
        return "0x" + Integer.toHexString(value);
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import io.vlogstreams.internal.vlog.VLogDamagedException.Kind;
import java.nio.ByteBuffer;

/**
 * The first 31 bytes of a VLog file.
 *
 * <pre>
 * offset  size  field
 *      0     4  magic           0x564C4F47, "VLOG"
 *      4     2  format version  1
 *      6     4  file id         equals the one in the name
 *     10     8  created at      milliseconds since the epoch
 *     18     8  max file size   the option in force when the file was created
 *     26     1  compression     0, none
 *     27     4  reserved        0
 * </pre>
 *
 * <p>Immutable.
 */
record FileHeader(long fileId, long createdAtMs, long maxFileBytes) {

    private static final int MAGIC_OFFSET = 0;
    private static final int VERSION_OFFSET = MAGIC_OFFSET + Integer.BYTES;
    private static final int FILE_ID_OFFSET = VERSION_OFFSET + Short.BYTES;
    private static final int CREATED_AT_OFFSET = FILE_ID_OFFSET + Integer.BYTES;
    private static final int MAX_FILE_BYTES_OFFSET = CREATED_AT_OFFSET + Long.BYTES;
    private static final int COMPRESSION_OFFSET = MAX_FILE_BYTES_OFFSET + Long.BYTES;
    private static final int RESERVED_OFFSET = COMPRESSION_OFFSET + Byte.BYTES;

    /** The size of a header, and so the offset of the first record. */
    static final int BYTES = RESERVED_OFFSET + Integer.BYTES;

    private static final int MAGIC = 0x564C4F47;
    private static final short VERSION = 1;
    private static final byte NO_COMPRESSION = 0;

    byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putInt(MAGIC_OFFSET, MAGIC);
        bytes.putShort(VERSION_OFFSET, VERSION);
        bytes.putInt(FILE_ID_OFFSET, (int) fileId);
        bytes.putLong(CREATED_AT_OFFSET, createdAtMs);
        bytes.putLong(MAX_FILE_BYTES_OFFSET, maxFileBytes);
        bytes.put(COMPRESSION_OFFSET, NO_COMPRESSION);
        bytes.putInt(RESERVED_OFFSET, 0);
        return bytes.array();
    }

    /**
     * Decodes the header of the file with this id.
     *
     * @param file the file's path, for messages
     * @throws VLogDamagedException of a different kind for each thing that can be wrong
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
        check(version == VERSION, Kind.UNKNOWN_VERSION, file, VERSION_OFFSET, String.valueOf(VERSION), "" + version);

        long id = Integer.toUnsignedLong(bytes.getInt(FILE_ID_OFFSET));
        check(id == fileId, Kind.WRONG_FILE_ID, file, FILE_ID_OFFSET, String.valueOf(fileId), String.valueOf(id));

        int compression = Byte.toUnsignedInt(bytes.get(COMPRESSION_OFFSET));
        check(compression == NO_COMPRESSION, Kind.UNKNOWN_COMPRESSION, file, COMPRESSION_OFFSET, "0", "" + compression);

        int reserved = bytes.getInt(RESERVED_OFFSET);
        check(reserved == 0, Kind.RESERVED_BYTES_IN_USE, file, RESERVED_OFFSET, hex(0), hex(reserved));
        return new FileHeader(id, bytes.getLong(CREATED_AT_OFFSET), bytes.getLong(MAX_FILE_BYTES_OFFSET));
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

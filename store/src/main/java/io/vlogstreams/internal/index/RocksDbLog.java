/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The framing of one log file of RocksDB, a write-ahead log or a MANIFEST. RocksDB does not detect all damage itself:
 * it never returns from a record whose type has become that of a recycled log, and it skips a block of zeros as if
 * nothing had been there.
 *
 * <p>The file consists of blocks of 32 KiB, and a block of records. The rest of a block is unused if no header fits.
 * Little-endian:
 * <pre>
 * size  field
 *    4  CRC-32C of type and data, masked
 *    2  length n of the data
 *    1  type: 1 whole, 2 first, 3 middle, 4 last part of an entry; 5 to 8, 11 and 131 in recycled logs;
 *       9, 10 and from 128 on other things, in one piece
 *    n  data
 * </pre>
 *
 * @param wholeBytes the end of the last whole entry
 * @param damage a description of the damage after that; null if there is none, or if the file just ends, as after a
 *     crash
 */
record RocksDbLog(long wholeBytes, @Nullable String damage) {

    private static final int BLOCK_BYTES = 32 << 10;
    private static final int HEADER_BYTES = 7;
    private static final int LENGTH_OFFSET = 4;
    private static final int TYPE_OFFSET = 6;
    private static final int MASK_DELTA = 0xa282ead8;
    private static final int MASK_ROTATION = 15;

    private static final int WHOLE = 1;
    private static final int FIRST = 2;
    private static final int LAST = 4;
    private static final int COMPRESSION = 9;
    private static final int TIMESTAMP_SIZE = 10;
    private static final int OTHERS = 128;

    static RocksDbLog read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new Walk(file, in).toItsEnd();
        }
    }

    /** A walk through the records. */
    private static final class Walk {

        private final Path file;
        private final InputStream in;
        private ByteBuffer block = ByteBuffer.allocate(0);
        private long blockOffset;
        private long wholeBytes;
        private boolean inEntry;
        private @Nullable String damage;

        Walk(Path file, InputStream in) {
            this.file = file;
            this.in = in;
        }

        RocksDbLog toItsEnd() throws IOException {
            while (nextBlock() && walkThroughBlock()) {
                // The next one.
            }
            return new RocksDbLog(wholeBytes, damage);
        }

        private boolean nextBlock() throws IOException {
            blockOffset += block.limit();
            block = ByteBuffer.wrap(in.readNBytes(BLOCK_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
            return block.hasRemaining();
        }

        /** Returns false if nothing can be read after the block. */
        private boolean walkThroughBlock() throws IOException {
            while (block.remaining() >= HEADER_BYTES) {
                int length = Short.toUnsignedInt(block.getShort(block.position() + LENGTH_OFFSET));
                int type = Byte.toUnsignedInt(block.get(block.position() + TYPE_OFFSET));
                if (isRecycled(type) && wholeBytes == 0 && !inEntry) {
                    return isNotChecked();
                }
                if (HEADER_BYTES + length > block.remaining()) {
                    return isLastBlock() ? endsHere() : isDamagedBy("a record of " + length + " bytes");
                }
                if (type == 0 && length == 0) {
                    return isZeroToItsEnd() ? endsHere() : isDamagedBy("zeros");
                }
                if (block.getInt(block.position()) != checksum(length)) {
                    return isDamagedBy("a wrong checksum");
                }
                if (!takes(type)) {
                    return isDamagedBy("a record of type " + type);
                }
                block.position(block.position() + HEADER_BYTES + length);
                if (!inEntry) {
                    wholeBytes = blockOffset + block.position();
                }
            }
            return true;
        }

        /** Returns whether a record of this type may follow. */
        private boolean takes(int type) {
            boolean isFragment = type >= WHOLE && type <= LAST;
            if (!isFragment) {
                return !inEntry && (type == COMPRESSION || type == TIMESTAMP_SIZE || type >= OTHERS);
            }
            boolean begins = type <= FIRST;
            if (begins == inEntry) {
                return false;
            }
            inEntry = type != WHOLE && type != LAST;
            return true;
        }

        /** With recycled logs, which only user settings enable, the end cannot be told from damage. */
        private boolean isNotChecked() throws IOException {
            wholeBytes = Files.size(file);
            return false;
        }

        private static boolean isRecycled(int type) {
            return (type > LAST && type < COMPRESSION) || type == 11 || type == 131;
        }

        private boolean isLastBlock() {
            return block.limit() < BLOCK_BYTES;
        }

        private boolean endsHere() {
            return false;
        }

        private boolean isDamagedBy(String found) {
            damage = file + ", offset " + (blockOffset + block.position())
                    + ": expected a record of RocksDB's log, found " + found;
            return false;
        }

        private boolean isZeroToItsEnd() throws IOException {
            do {
                while (block.hasRemaining()) {
                    if (block.get() != 0) {
                        return false;
                    }
                }
            } while (nextBlock());
            return true;
        }

        private int checksum(int length) {
            CRC32C crc = new CRC32C();
            crc.update(block.array(), block.position() + TYPE_OFFSET, length + HEADER_BYTES - TYPE_OFFSET);
            return Integer.rotateRight((int) crc.getValue(), MASK_ROTATION) + MASK_DELTA;
        }
    }
}

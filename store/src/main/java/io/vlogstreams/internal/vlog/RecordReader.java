/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Reads a record by its pointer, from a buffer or its file, and verifies everything before it is used.
 *
 * <p>Thread-safe; takes no lock that a writer holds.
 */
final class RecordReader {

    /** Records up to this size are read in one call and verified in the buffer. */
    private static final int MAX_BYTES_AT_ONCE = TransferBuffers.BYTES;

    private final OpenFiles openFiles;
    private final TailBuffer[] tails;
    private final ChecksumLevel checksumLevel;
    private final ReadTally tally;

    /**
     * @param tails the buffers with the newest records of active files
     */
    RecordReader(OpenFiles openFiles, List<TailBuffer> tails, ChecksumLevel checksumLevel, ReadTally tally) {
        this.openFiles = openFiles;
        this.tails = tails.toArray(TailBuffer[]::new);
        this.checksumLevel = checksumLevel;
        this.tally = tally;
    }

    /** Reads the value. */
    byte[] read(VLogFile file, ValuePointer pointer, byte[] key) throws IOException {
        try (OpenFile open = openFiles.acquire(file)) {
            return read(file, open.file(), pointer, key, file.compression());
        }
    }

    /** Reads the value from a sealed file for a scan, with its read-ahead. */
    byte[] read(VLogFile file, ValuePointer pointer, byte[] key, Neighbours ahead) throws IOException {
        try {
            checkPointer(file, pointer, key);
            Source source = new Source(file, pointer.offset(), file.compression());
            ByteBuffer known = ahead.find(pointer);
            return known == null ? readWithMore(source, pointer, key, ahead) : check(source, pointer, key, known);
        } catch (CorruptRecordException e) {
            tally.checksumFailure();
            throw e;
        }
    }

    private byte[] readWithMore(Source source, ValuePointer pointer, byte[] key, Neighbours ahead) throws IOException {
        try (OpenFile open = openFiles.acquire(source.file)) {
            readAhead(source.file, open.file(), pointer, ahead);
            ByteBuffer known = ahead.find(pointer);
            return known == null ? readFile(source, open.file(), pointer, key) : check(source, pointer, key, known);
        }
    }

    private static void readAhead(VLogFile file, ReadableFile open, ValuePointer pointer, Neighbours ahead)
            throws IOException {
        try (LendingPool<ByteBuffer>.Loan loan = TransferBuffers.ofProcess().borrow()) {
            ahead.read(open, pointer, file.readableLength(), loan.get());
        }
    }

    /**
     * Reads a value for copying its record to another file.
     *
     * @param near the file, with the read-ahead of the cursor
     * @param target the compression of the other file; if it is the same, the value is returned in its stored form
     */
    byte[] readToCopy(VLogFile file, ReadAhead near, ValuePointer pointer, byte[] key, CompressionType target)
            throws IOException {
        CompressionType decoding = file.compression() == target ? CompressionType.NONE : file.compression();
        try {
            checkPointer(file, pointer, key);
            Source source = new Source(file, pointer.offset(), decoding);
            ByteBuffer scratch = near.scratchFor(pointer.recordBytes());
            return scratch == null
                    ? readFile(source, near, pointer, key)
                    : readAtOnce(source, near, pointer, key, scratch);
        } catch (CorruptRecordException e) {
            tally.checksumFailure();
            throw e;
        }
    }

    private byte[] read(VLogFile file, ReadableFile open, ValuePointer pointer, byte[] key, CompressionType decoding)
            throws IOException {
        try {
            // Invariant 7: pointer, file and key are compared below before a value is returned.
            checkPointer(file, pointer, key);
            return readFile(new Source(file, pointer.offset(), decoding), open, pointer, key);
        } catch (CorruptRecordException e) {
            tally.checksumFailure();
            throw e;
        }
    }

    private byte[] readFile(Source source, ReadableFile open, ValuePointer pointer, byte[] key) throws IOException {
        if (pointer.recordBytes() > MAX_BYTES_AT_ONCE) {
            return readInParts(source, open, pointer, key);
        }
        try (LendingPool<ByteBuffer>.Loan loan = TransferBuffers.ofProcess().borrow()) {
            return readAtOnce(source, open, pointer, key, loan.get());
        }
    }

    private static void checkPointer(VLogFile file, ValuePointer pointer, byte[] key) throws CorruptRecordException {
        long readable = file.readableLength();
        if (pointer.offset() < FileHeader.BYTES || pointer.offset() > readable - pointer.recordBytes()) {
            throw new CorruptRecordException(
                    file.toString(),
                    pointer.offset(),
                    "a pointer into",
                    "bytes " + FileHeader.BYTES + " to " + readable,
                    pointer.toString());
        }
        if (pointer.keyBytes() != key.length) {
            throw CorruptRecordException.ofNumbers(
                    file.toString(), pointer.offset(), "key length", key.length, pointer.keyBytes());
        }
    }

    private static byte[] readAtOnce(
            Source source, ReadableFile handle, ValuePointer pointer, byte[] key, ByteBuffer scratch)
            throws IOException {
        ByteBuffer bytes = scratch.clear().limit((int) pointer.recordBytes());
        source.fill(bytes, handle, 0);
        return check(source, pointer, key, bytes.flip());
    }

    /** Verifies the bytes of a whole record and returns its value. */
    private static byte[] check(Source source, ValuePointer pointer, byte[] key, ByteBuffer bytes)
            throws CorruptRecordException {
        int valueOffset = (int) RecordLayout.valueOffset(key.length);
        int crcOffset = (int) RecordLayout.crcOffset(key.length, pointer.valueBytes());
        source.checkHead(pointer, key, bytes.slice(0, valueOffset));
        source.checkStoredCrc(pointer, bytes.getInt(crcOffset));
        if (source.isVerified()) {
            CRC32 crc = new CRC32();
            crc.update(bytes.limit(crcOffset).position(RecordLayout.KEY_OFFSET));
            source.checkComputedCrc(pointer, (int) crc.getValue());
        }
        return source.decode(bytes.limit(crcOffset).position(valueOffset));
    }

    private byte[] readInParts(Source source, ReadableFile handle, ValuePointer pointer, byte[] key)
            throws IOException {
        ByteBuffer head = ByteBuffer.allocate(Math.toIntExact(RecordLayout.valueOffset(key.length)));
        source.fill(head, handle, 0);
        source.checkHead(pointer, key, head.flip());
        ByteBuffer storedCrc = ByteBuffer.allocate(RecordLayout.CRC_BYTES);
        source.fill(storedCrc, handle, RecordLayout.crcOffset(key.length, pointer.valueBytes()));
        source.checkStoredCrc(pointer, storedCrc.getInt(0));
        byte[] stored = new byte[pointer.valueBytes()];
        source.fill(ByteBuffer.wrap(stored), handle, RecordLayout.valueOffset(key.length));
        if (source.isVerified()) {
            source.checkComputedCrc(pointer, RecordLayout.crc(key, stored));
        }
        return source.isDecoded() ? source.decode(ByteBuffer.wrap(stored)) : stored;
    }

    /** Reads and verifies the bytes of one record, from a buffer or the file. */
    private final class Source {
        private final VLogFile file;
        private final long offset;
        private final CompressionType decoding;

        Source(VLogFile file, long offset, CompressionType decoding) {
            this.file = file;
            this.offset = offset;
            this.decoding = decoding;
        }

        /** Returns whether the checksum is computed. With compression it always is, at little cost. */
        boolean isVerified() {
            return checksumLevel == ChecksumLevel.FULL || isDecoded();
        }

        boolean isDecoded() {
            return decoding != CompressionType.NONE;
        }

        byte[] decode(ByteBuffer stored) throws CorruptRecordException {
            return StoredValue.decode(stored, decoding, file.toString(), offset);
        }

        void fill(ByteBuffer target, ReadableFile handle, long offsetInRecord) throws IOException {
            long position = offset + offsetInRecord;
            for (TailBuffer tail : tails) {
                if (tail.read(file.fileId(), position, target)) {
                    return;
                }
            }
            int wanted = target.remaining();
            int count = handle.read(target, position);
            if (count < wanted) {
                throw CorruptRecordException.ofNumbers(
                        file.toString(), offset, "length of the file of at least", position + wanted, position + count);
            }
        }

        void checkHead(ValuePointer pointer, byte[] key, ByteBuffer head) throws CorruptRecordException {
            checkLength("key length", pointer.keyBytes(), head.getInt(RecordLayout.KEY_LENGTH_OFFSET));
            checkLength("value length", pointer.valueBytes(), head.getInt(RecordLayout.VALUE_LENGTH_OFFSET));
            ByteBuffer stored = head.position(RecordLayout.KEY_OFFSET);
            if (!stored.equals(ByteBuffer.wrap(key))) {
                byte[] found = new byte[stored.remaining()];
                stored.get(found);
                throw CorruptRecordException.ofKeys(file.toString(), offset, key, found);
            }
        }

        void checkStoredCrc(ValuePointer pointer, int stored) throws CorruptRecordException {
            checkCrc("stored checksum", pointer, stored);
        }

        void checkComputedCrc(ValuePointer pointer, int computed) throws CorruptRecordException {
            checkCrc("checksum", pointer, computed);
        }

        private void checkCrc(String which, ValuePointer pointer, int found) throws CorruptRecordException {
            if (found != pointer.crc()) {
                throw CorruptRecordException.ofChecksums(file.toString(), offset, which, pointer.crc(), found);
            }
        }

        private void checkLength(String which, int expected, int found) throws CorruptRecordException {
            if (found != expected) {
                throw CorruptRecordException.ofNumbers(
                        file.toString(), offset, which, expected, Integer.toUnsignedLong(found));
            }
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import io.vlogstreams.internal.vlog.VLogDamagedException.Kind;
import io.vlogstreams.internal.vlog.VLogFile.Contents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that a log finds when it is opened, how much of each may be read, and where the log ends. Taking the
 * inventory only reads: torn and uncommitted files stay unchanged on the disk.
 *
 * @param longLived the active file for appends; null if there is none yet
 * @param shortLived the active file for short-lived records; null if there is none
 * @param relocated the active file for relocated records; null if there is none
 */
record LogInventory(
        LogFiles files,
        @Nullable VLogFile longLived,
        @Nullable VLogFile shortLived,
        @Nullable VLogFile relocated) {

    private static final Logger LOG = LoggerFactory.getLogger(LogInventory.class);

    /** More ids than failed creations, or files that no commit point knows, can use up. */
    private static final long MAX_TORN_DISTANCE = 1 << 16;

    /**
     * @param tail the log's end according to the index; null if it has to be searched in the newest file
     * @param isNamed whether the index names a file; other files need not be whole
     * @throws VLogDamagedException if a file that belongs to the log is damaged
     */
    static LogInventory take(Storage storage, @Nullable VLogTail tail, LongPredicate isNamed) throws IOException {
        long[] ids = storage.list().stream()
                .map(FileName::parse)
                .filter(OptionalLong::isPresent)
                .mapToLong(OptionalLong::getAsLong)
                .sorted()
                .toArray();
        return tail == null ? withoutTail(storage, ids) : withTail(storage, ids, tail, isNamed);
    }

    private static LogInventory withTail(Storage storage, long[] ids, VLogTail tail, LongPredicate isNamed)
            throws IOException {
        LogFiles files = new LogFiles(storage);
        files.idIsUsed(tail.highestFileId());
        for (long id : ids) {
            try (Found found = Found.open(storage, id)) {
                addIfOurs(found.accordingTo(tail, isNamed), files);
            }
        }
        return new LogInventory(
                files,
                active(files, tail.longLived()),
                active(files, tail.shortLived()),
                active(files, tail.relocated()));
    }

    /**
     * Adds the file if it can belong to this log. All ids up to that of a file count as used. So a file without a
     * header counts only if a crash can have left it: an id far above all others would use up the ids in between for
     * good.
     */
    private static void addIfOurs(VLogFile file, LogFiles files) {
        if (file.contents() == Contents.TORN && file.fileId() - files.highestFileId() > MAX_TORN_DISTANCE) {
            LOG.warn(
                    "{} is not a file of this store and is left alone: it has no VLog header, and its number is far above"
                            + " {}, the highest one used; find out where it comes from, and move it away",
                    file,
                    files.highestFileId());
        } else {
            files.add(file);
        }
    }

    private static @Nullable VLogFile active(LogFiles files, VLogTail.End end) throws VLogDamagedException {
        VLogFile file = files.find(end.fileId());
        if (file == null && end.fileId() != 0) {
            throw new VLogDamagedException(
                    Kind.FILE_MISSING,
                    files.location() + "/" + FileName.of(end.fileId()),
                    0,
                    end.length() + " bytes",
                    "no such file");
        }
        return file;
    }

    private static LogInventory withoutTail(Storage storage, long[] ids) throws IOException {
        LogFiles files = new LogFiles(storage);
        VLogFile newest = null;
        for (long id : ids) {
            try (Found found = Found.open(storage, id)) {
                VLogFile file = found.withoutTail();
                addIfOurs(file, files);
                newest = file.contents() == Contents.RECORDS ? file : newest;
            }
        }
        if (newest == null) {
            return new LogInventory(files, null, null, null);
        }
        try (Found found = Found.open(storage, newest.fileId())) {
            VLogFile last = found.withRecordsUpTo(found.findEnd(newest), newest.compression());
            files.add(last);
            return new LogInventory(files, last, null, null);
        }
    }

    /** One file on disk. */
    private record Found(String location, long fileId, StorageFile handle, long size) implements AutoCloseable {

        static Found open(Storage storage, long fileId) throws IOException {
            StorageFile handle = storage.open(FileName.of(fileId));
            try {
                return new Found(storage.location(), fileId, handle, handle.size());
            } catch (IOException | RuntimeException e) {
                handle.close();
                throw e;
            }
        }

        VLogFile accordingTo(VLogTail tail, LongPredicate isNamed) throws IOException {
            if (fileId > tail.highestFileId()) {
                return withoutRecords(hasValidHeader() ? Contents.UNCOMMITTED : Contents.TORN);
            }
            if (!tail.isActive(fileId)) {
                // A file without committed records may have any content, because it is never read.
                if (!isNamed.test(fileId) && !hasValidHeader()) {
                    return withoutRecords(Contents.TORN);
                }
                return withRecordsUpTo(size, header().compression());
            }
            long length = tail.lengthOf(fileId);
            if (size < length) {
                throw new VLogDamagedException(Kind.FILE_TOO_SHORT, path(), size, length + " bytes", size + " bytes");
            }
            return withRecordsUpTo(length, header().compression());
        }

        VLogFile withoutTail() throws IOException {
            if (size < FileHeader.BYTES) {
                return withoutRecords(Contents.TORN);
            }
            return withRecordsUpTo(size, header().compression());
        }

        VLogFile withRecordsUpTo(long length, CompressionType compression) {
            return new VLogFile(fileId, location, Contents.RECORDS, compression, length);
        }

        long findEnd(VLogFile file) throws IOException {
            return new RecordScanner(handle, file, size).findEnd();
        }

        private VLogFile withoutRecords(Contents contents) {
            return new VLogFile(fileId, location, contents, CompressionType.NONE, size);
        }

        /** Reads and checks the header. */
        private FileHeader header() throws IOException {
            byte[] header = new byte[(int) Math.min(FileHeader.BYTES, size)];
            int count = handle.read(ByteBuffer.wrap(header), 0);
            if (count < header.length) {
                throw new VLogDamagedException(Kind.FILE_TOO_SHORT, path(), count, size + " bytes", count + " bytes");
            }
            return FileHeader.decode(header, fileId, path());
        }

        private boolean hasValidHeader() throws IOException {
            try {
                header();
                return true;
            } catch (VLogDamagedException e) {
                return false;
            }
        }

        private String path() {
            return location + "/" + FileName.of(fileId);
        }

        @Override
        public void close() throws IOException {
            handle.close();
        }
    }
}

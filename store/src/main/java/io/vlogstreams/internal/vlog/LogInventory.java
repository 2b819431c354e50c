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
import org.jspecify.annotations.Nullable;

/**
 * What a log finds when it is opened: which files there are, what may be read of each, and where the log ends. It only
 * reads; what it finds torn or uncommitted stays as it is on disk.
 *
 * <p>A stateless procedure.
 *
 * @param last the file in which the log ends; nothing if there is none yet
 * @param lastRelocated the file in which its relocated records end; nothing if there is none
 */
record LogInventory(
        LogFiles files, @Nullable VLogFile last, @Nullable VLogFile lastRelocated) {

    /**
     * @param tail the log's end according to the index, or nothing if it is to be found by looking at the newest file
     * @throws VLogDamagedException if a file that belongs to the log is not what it must be
     */
    static LogInventory take(Storage storage, @Nullable VLogTail tail) throws IOException {
        long[] ids = storage.list().stream()
                .map(FileName::parse)
                .filter(OptionalLong::isPresent)
                .mapToLong(OptionalLong::getAsLong)
                .sorted()
                .toArray();
        return tail == null ? withoutTail(storage, ids) : withTail(storage, ids, tail);
    }

    private static LogInventory withTail(Storage storage, long[] ids, VLogTail tail) throws IOException {
        LogFiles files = new LogFiles(storage);
        files.idIsUsed(tail.highestFileId());
        for (long id : ids) {
            try (Found found = Found.open(storage, id)) {
                files.add(found.accordingTo(tail));
            }
        }
        return new LogInventory(
                files, active(files, tail, tail.fileId()), active(files, tail, tail.relocationFileId()));
    }

    private static @Nullable VLogFile active(LogFiles files, VLogTail tail, long fileId) throws VLogDamagedException {
        VLogFile file = files.find(fileId);
        if (file == null && fileId != 0) {
            throw new VLogDamagedException(
                    Kind.FILE_MISSING,
                    files.location() + "/" + FileName.of(fileId),
                    0,
                    tail.lengthOf(fileId) + " bytes",
                    "no such file");
        }
        return file;
    }

    private static LogInventory withoutTail(Storage storage, long[] ids) throws IOException {
        LogFiles files = new LogFiles(storage);
        long newest = 0;
        for (long id : ids) {
            try (Found found = Found.open(storage, id)) {
                VLogFile file = found.withoutTail();
                files.add(file);
                newest = file.contents() == Contents.RECORDS ? id : newest;
            }
        }
        if (newest == 0) {
            return new LogInventory(files, null, null);
        }
        try (Found found = Found.open(storage, newest)) {
            VLogFile last = found.withRecordsUpTo(found.findEnd());
            files.add(last);
            return new LogInventory(files, last, null);
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

        VLogFile accordingTo(VLogTail tail) throws IOException {
            if (fileId > tail.lastFileId()) {
                return hasValidHeader() ? with(Contents.UNCOMMITTED, size) : with(Contents.TORN, size);
            }
            if (!tail.isActive(fileId)) {
                checkHeader();
                return withRecordsUpTo(size);
            }
            long length = tail.lengthOf(fileId);
            if (size < length) {
                throw new VLogDamagedException(Kind.FILE_TOO_SHORT, path(), size, length + " bytes", size + " bytes");
            }
            checkHeader();
            return withRecordsUpTo(length);
        }

        VLogFile withoutTail() throws IOException {
            if (size < FileHeader.BYTES) {
                return with(Contents.TORN, size);
            }
            checkHeader();
            return withRecordsUpTo(size);
        }

        VLogFile withRecordsUpTo(long length) {
            return with(Contents.RECORDS, length);
        }

        long findEnd() throws IOException {
            return new RecordScanner(handle, withRecordsUpTo(size), size).findEnd();
        }

        private VLogFile with(Contents contents, long length) {
            return new VLogFile(fileId, location, contents, length);
        }

        private void checkHeader() throws IOException {
            byte[] header = new byte[(int) Math.min(FileHeader.BYTES, size)];
            int count = handle.read(ByteBuffer.wrap(header), 0);
            if (count < header.length) {
                throw new VLogDamagedException(Kind.FILE_TOO_SHORT, path(), count, size + " bytes", count + " bytes");
            }
            FileHeader.decode(header, fileId, path());
        }

        private boolean hasValidHeader() throws IOException {
            try {
                checkHeader();
                return true;
            } catch (VLogDamagedException e) {
                return false;
            }
        }

        private String path() {
            return with(Contents.RECORDS, size).toString();
        }

        @Override
        public void close() throws IOException {
            handle.close();
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The list of the files of a log. Creates the next file and deletes files.
 *
 * <p>Thread-safe. {@link #highestFileId} may be outdated unless file creation is excluded.
 */
final class LogFiles {

    private static final Logger LOG = LoggerFactory.getLogger(LogFiles.class);

    private final Storage storage;
    private final Spares spares;
    private final Map<Long, VLogFile> files = new ConcurrentHashMap<>();

    /** Files that were created but never got a whole header. */
    private final Set<Long> torn = ConcurrentHashMap.newKeySet();

    /** A counter, because every append and every new file reads it. */
    private final AtomicLong totalBytes = new AtomicLong();

    private volatile long highestFileId;

    /** How many deletions of torn files failed; guarded by this. */
    private long refusals;

    LogFiles(Storage storage) {
        this.storage = storage;
        this.spares = new Spares(storage, this::deleteFromStorage);
    }

    Spares spares() {
        return spares;
    }

    String location() {
        return storage.location();
    }

    void add(VLogFile file) {
        VLogFile before = files.put(file.fileId(), file);
        totalBytes.addAndGet(file.length() - (before == null ? 0 : before.length()));
        if (file.contents() == VLogFile.Contents.TORN) {
            torn.add(file.fileId());
        }
        idIsUsed(file.fileId());
    }

    synchronized void idIsUsed(long fileId) {
        highestFileId = Math.max(highestFileId, fileId);
    }

    long highestFileId() {
        return highestFileId;
    }

    @Nullable
    VLogFile find(long fileId) {
        return files.get(fileId);
    }

    VLogFile get(long fileId) throws FileGoneException {
        VLogFile file = files.get(fileId);
        if (file == null) {
            throw new FileGoneException(location() + "/" + FileName.of(fileId));
        }
        return file;
    }

    /** Ascending by id. */
    List<VLogFile> list() {
        return files.values().stream()
                .sorted(Comparator.comparingLong(VLogFile::fileId))
                .toList();
    }

    int count() {
        return files.size();
    }

    /** Returns the total length of all files. */
    long totalBytes() {
        return totalBytes.get();
    }

    /** Records that a file grew by that many bytes. */
    void grew(long bytes) {
        totalBytes.addAndGet(bytes);
    }

    /** Makes creations and deletions durable. */
    void syncNames() throws IOException {
        storage.sync();
    }

    /** Removes a file from the list and returns it; null if it is not there. */
    @Nullable
    VLogFile remove(long fileId) {
        VLogFile file = files.remove(fileId);
        if (file != null) {
            totalBytes.addAndGet(-file.length());
            torn.remove(fileId);
        }
        return file;
    }

    /** A new file with its header. */
    record Created(VLogFile file, StorageFile handle) {}

    /**
     * Creates the next file. A failure only uses up an id, because the file may exist nevertheless, and ids are cheap.
     */
    synchronized Created create(long createdAtMs, long maxFileBytes, CompressionType compression) throws IOException {
        if (highestFileId >= FileName.MAX_ID) {
            throw new IOException("VLog " + location() + " has used up all file ids up to " + FileName.MAX_ID
                    + ": rebuild the store from its source");
        }
        deleteTornFiles();
        // Invariant 5: the id counts as used before anything can exist under it, and the number never goes back.
        long fileId = ++highestFileId;
        byte[] header = new FileHeader(fileId, createdAtMs, maxFileBytes, compression).encode();
        StorageFile handle = null;
        try {
            StorageFile recycled = spares.use(FileName.of(fileId));
            handle = recycled == null ? storage.create(FileName.of(fileId)) : recycled;
            handle.write(ByteBuffer.wrap(header), 0);
        } catch (FileAlreadyExistsException e) {
            // A foreign file, which must not be deleted.
            throw new IOException(
                    e.getMessage()
                            + " is there, although this store has never made a file of that number: find out where"
                            + " it comes from, and move it away",
                    e);
        } catch (IOException | RuntimeException e) {
            discard(fileId, handle, e);
            throw e;
        }
        VLogFile file = new VLogFile(fileId, location(), VLogFile.Contents.RECORDS, compression, FileHeader.BYTES);
        add(file);
        return new Created(file, handle);
    }

    /**
     * Deletes torn files before there is a file with a higher id. Later they would be below the log's end, where a file
     * has to be whole if anything names it.
     */
    private void deleteTornFiles() {
        for (long fileId : torn) {
            VLogFile file = files.get(fileId);
            if (file != null) {
                deleteTornFile(file);
            }
        }
    }

    private void deleteTornFile(VLogFile file) {
        try {
            deleteFromStorage(file);
            remove(file.fileId());
        } catch (IOException e) {
            if (refusals++ == 0) {
                LOG.warn(
                        "Cannot delete VLog file {}; it holds nothing, and is tried again with each new file", file, e);
            }
        }
    }

    private void discard(long fileId, @Nullable StorageFile handle, Exception reason) {
        try {
            if (handle != null) {
                handle.close();
            }
            storage.delete(FileName.of(fileId));
        } catch (NoSuchFileException e) {
            // The file was not created.
        } catch (IOException e) {
            reason.addSuppressed(e);
            add(new VLogFile(fileId, location(), VLogFile.Contents.TORN, CompressionType.NONE, 0));
        }
    }

    /** Deletes the file from the storage. A file that is already gone is not an error. */
    void deleteFromStorage(VLogFile file) throws IOException {
        try {
            storage.delete(FileName.of(file.fileId()));
        } catch (NoSuchFileException e) {
            LOG.debug("VLog file {} was to be deleted and is gone already", file);
        }
    }
}

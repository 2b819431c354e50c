/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The value log of one store: records in append-only files, found again by {@link ValuePointer}.
 *
 * <p>One file is active, which means being written; all others are sealed and never change again. Appended bytes wait in
 * a buffer, where they can be read already, until {@link #drain} hands them to the operating system and {@link #sync} to
 * the disk. What is part of the log after a crash is for the caller to say, by the {@link VLogTail} of its last commit.
 *
 * <p>Nothing on disk is changed by opening a log, and nothing happens behind the caller's back: there is no thread.
 *
 * <p>Thread-safe: one writer at a time, as the caller guarantees; everything else on any thread. Readers take no lock
 * that the writer holds while it writes. Locks are taken in this order: syncing, writing, then the one inside
 * {@link OpenFiles}.
 */
public final class VLog implements AutoCloseable {

    private final LogFiles files;
    private final OpenFiles openFiles;
    private final UnsyncedFiles unsynced;
    private final LogWriter writer;
    private final RecordReader reader;
    private final ValueCache cache;

    /** Held for the whole of a sync, so that one at a time waits for the disk. Appending does not take it. */
    private final ReentrantLock syncing = new ReentrantLock();

    /** Guards the writer, the unsynced files and the creation of files. Never held while waiting for the disk. */
    private final ReentrantLock writing = new ReentrantLock();

    /** The failure of a sync, after which nothing is written any more. */
    private volatile @Nullable Throwable poison;

    private volatile boolean closed;

    private VLog(LogInventory inventory, Storage storage, VLogOptions options, InstantSource clock) {
        TailBuffer buffer = new TailBuffer(options.appendBufferBytes());
        files = inventory.files();
        openFiles = new OpenFiles(storage, options.maxOpenFiles());
        unsynced = new UnsyncedFiles(options.maxOpenFiles() / 2);
        writer = new LogWriter(
                files,
                openFiles,
                unsynced,
                buffer,
                new LogWriter.Start(inventory.last(), options.maxFileBytes(), clock));
        reader = new RecordReader(openFiles, buffer, options.checksumLevel());
        cache = new ValueCache(options.cacheBytes());
    }

    /**
     * Opens the log in this storage. Reads and checks headers; creates, changes and deletes no file, which is left to the
     * first append.
     *
     * @param tail the log's end as of the last commit point. Bytes behind it are forgotten, and files behind it are
     *     listed as sealed, can be read by nobody and wait for {@link #delete}. {@code null} if there is no commit point:
     *     then the log ends with the last whole record of the newest file
     * @throws VLogDamagedException if a file that belongs to the log is missing, too short, or not a VLog file
     */
    public static VLog open(Storage storage, VLogOptions options, @Nullable VLogTail tail) throws IOException {
        return open(storage, options, tail, InstantSource.system());
    }

    static VLog open(Storage storage, VLogOptions options, @Nullable VLogTail tail, InstantSource clock)
            throws IOException {
        VLog log = new VLog(LogInventory.take(storage, tail), storage, options, clock);
        log.distrustWhatIsThere();
        return log;
    }

    /**
     * The process before may have been killed before it synced what it wrote: the first sync does that too. Uncommitted
     * files are no exception: once the log ends in a higher file, their headers are checked like all others.
     */
    private void distrustWhatIsThere() {
        for (VLogFile file : files.list()) {
            if (file.contents() != VLogFile.Contents.TORN) {
                unsynced.add(file);
            }
        }
        unsynced.namesChanged();
    }

    /**
     * Appends a record; from now on it can be read by the pointer. If this fails, nothing has been appended, and it can be
     * tried again.
     *
     * @throws IllegalArgumentException if the key or the value is too long
     * @throws VLogPoisonedException if a sync has failed
     */
    public ValuePointer append(byte[] key, byte[] value) throws IOException {
        writing.lock();
        try {
            checkWritable();
            return writer.append(key, value);
        } finally {
            writing.unlock();
        }
    }

    /**
     * Returns the value of the record at {@code pointer}. Any thread, also while the record is still in the buffer.
     *
     * @param key the key that the record must have
     * @throws CorruptRecordException if there is anything else than exactly this record
     * @throws FileGoneException if there is no such file (any more): look up the key's location again
     */
    public byte[] read(ValuePointer pointer, byte[] key) throws IOException {
        checkOpen();
        VLogFile file = files.get(pointer.fileId());
        byte[] cached = cache.get(pointer, key);
        if (cached != null) {
            return cached;
        }
        byte[] value = reader.read(file, pointer, key);
        cache.put(pointer, key, value);
        return value;
    }

    /**
     * Shows all records of a sealed file to the visitor.
     *
     * @throws CorruptRecordException at the first damaged record
     * @throws IllegalArgumentException if the file is the active one
     */
    public void scan(long fileId, RecordVisitor visitor) throws IOException {
        checkOpen();
        checkSealed(fileId, "scanned");
        VLogFile file = files.get(fileId);
        try (OpenFile open = openFiles.acquire(file)) {
            new RecordScanner(open.file(), file, file.readableLength()).scan(visitor);
        }
    }

    /** Hands every appended byte to the operating system; does not wait for the disk. */
    public void drain() throws IOException {
        writing.lock();
        try {
            checkWritable();
            writer.drain();
        } finally {
            writing.unlock();
        }
    }

    /**
     * Makes everything appended before this call durable, with the names of the files. Appending can go on meanwhile.
     *
     * @throws IOException if a file cannot be written, which can be tried again, or cannot be synced, after which the log
     *     takes no more writes
     */
    public void sync() throws IOException {
        syncing.lock();
        try {
            UnsyncedFiles.Batch batch = drainAndTakeUnsynced();
            boolean done = false;
            try {
                makeDurable(batch);
                done = true;
            } catch (IOException | RuntimeException e) {
                poison = e;
                throw e;
            } finally {
                if (!done && poison == null) {
                    poison = new IOException("the sync did not end");
                }
                batch.held().forEach(OpenFile::close);
            }
        } finally {
            syncing.unlock();
        }
    }

    private UnsyncedFiles.Batch drainAndTakeUnsynced() throws IOException {
        writing.lock();
        try {
            checkWritable();
            writer.drain();
            return unsynced.take();
        } finally {
            writing.unlock();
        }
    }

    /** Bytes before names: a name that survives a power failure then names a file that is whole. */
    private void makeDurable(UnsyncedFiles.Batch batch) throws IOException {
        for (VLogFile file : batch.files()) {
            try (OpenFile open = openFiles.acquire(file)) {
                open.file().sync();
            } catch (FileGoneException e) {
                if (files.find(file.fileId()) != null) {
                    throw e; // not deleted by us
                }
            }
        }
        if (batch.names()) {
            files.syncNames();
        }
    }

    /** Where the log ends, after all that has been appended so far. */
    public VLogTail tail() {
        writing.lock();
        try {
            return writer.tail();
        } finally {
            writing.unlock();
        }
    }

    /** All files, ascending by id. */
    public List<VLogFileInfo> files() {
        return files.list().stream()
                .map(file -> new VLogFileInfo(file.fileId(), file.length(), writer.isActive(file.fileId())))
                .toList();
    }

    public boolean contains(long fileId) {
        return files.find(fileId) != null;
    }

    /**
     * Deletes a sealed file. Who is reading it can finish. A caller that commits the {@link #tail()} must not delete a
     * file that its last durable commit names as the tail, even when that file is sealed by now: the log could not be
     * opened at that commit any more.
     *
     * @return true if the file is gone, now or before; false if it cannot be deleted now, to be tried again later
     * @throws IllegalArgumentException if it is the active file
     */
    public boolean delete(long fileId) {
        checkOpen();
        checkSealed(fileId, "deleted");
        VLogFile file = files.find(fileId);
        if (file == null) {
            return true;
        }
        // Poisoned: what replaces this file's records may not have become durable.
        if (poison != null || !files.deleteFromStorage(file)) {
            return false;
        }
        writing.lock();
        try {
            files.remove(fileId);
            unsynced.remove(fileId);
            unsynced.namesChanged();
        } finally {
            writing.unlock();
        }
        openFiles.retire(fileId);
        return true;
    }

    /**
     * Drains and closes the log; the second time does nothing.
     *
     * @throws UncheckedIOException if the last bytes cannot be written; the log is closed all the same
     */
    @Override
    public void close() {
        syncing.lock();
        writing.lock();
        try {
            if (!closed) {
                closed = true;
                drainAndGiveBackFiles();
            }
        } finally {
            writing.unlock();
            syncing.unlock();
        }
    }

    private void drainAndGiveBackFiles() {
        try {
            if (poison == null) {
                writer.drain();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the end of " + this, e);
        } finally {
            writer.close();
            unsynced.close();
            openFiles.close();
        }
    }

    @Override
    public String toString() {
        return "VLog " + files.location();
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    private void checkWritable() throws VLogPoisonedException {
        checkOpen();
        Throwable failure = poison;
        if (failure != null) {
            throw new VLogPoisonedException(files.location(), failure);
        }
    }

    private void checkSealed(long fileId, String what) {
        if (writer.isActive(fileId)) {
            throw new IllegalArgumentException(
                    "File " + fileId + " of " + this + " is being written and cannot be " + what);
        }
    }
}

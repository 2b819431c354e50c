/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The value log of one store: records in append-only files, found again by {@link ValuePointer}.
 *
 * <p>A file that is being written is active; all others are sealed and never change again. There is one active file for
 * ordinary appends and, once there are such records, one for those with a {@linkplain Lifetime#SHORT short lifetime}
 * and one for {@linkplain #relocate relocated} ones. Appended bytes wait in a buffer, where they can already be read,
 * until {@link #drain} passes them to the operating system and {@link #sync} to the disk. After a crash the {@link
 * VLogTail} of the caller's last commit determines what is part of the log.
 *
 * <p>Opening a log changes nothing on the disk. A log has no threads.
 *
 * <p>Thread-safe. The caller guarantees that one thread at a time writes, and one relocates; all other methods are for
 * any thread. Readers take no lock that the writer holds while it writes, and appending does not wait for relocation.
 * Locks are taken in this order: that of {@link LogSync}, those of {@link LogEnds}, then those inside of other classes.
 */
public final class VLog implements AutoCloseable {

    private final LogFiles files;
    private final OpenFiles openFiles;
    private final UnsyncedFiles unsynced;
    private final LogEnds ends;
    private final RecordReader reader;
    private final RecordReader relocationReader;
    private final ValueCache cache;
    private final ReadTally tally = new ReadTally();
    private final LogSync sync;
    private final FileDeletion deletion;
    private final Reserve reserve;
    private final AtomicLong appendedBytes = new AtomicLong();
    private final CompressionType compression;
    private final int zstdLevel;

    private volatile boolean closed;

    private VLog(LogInventory inventory, Storage storage, VLogOptions options, InstantSource clock) {
        TailBuffer longLived = new TailBuffer(options.appendBufferBytes());
        TailBuffer shortLived = new TailBuffer(options.appendBufferBytes());
        files = inventory.files();
        openFiles = new OpenFiles(storage, options.maxOpenFiles());
        unsynced = new UnsyncedFiles(options.maxOpenFiles() / 2);
        ReentrantLock appending = new ReentrantLock();
        reserve = new Reserve(storage, appending);
        LogEnds.Writers writers = new LogEnds.Writers(
                writer(inventory.longLived(), longLived, options, clock),
                writer(inventory.shortLived(), shortLived, options, clock),
                writer(inventory.relocated(), new TailBuffer(options.appendBufferBytes()), options, clock));
        ends = new LogEnds(files, unsynced, reserve, writers, appending, this::checkWritable);
        reader = new RecordReader(openFiles, List.of(longLived, shortLived), options.checksumLevel(), tally);
        // A copy gets a new checksum, so a damaged value must be detected here, whatever readers verify.
        relocationReader = new RecordReader(openFiles, List.of(), ChecksumLevel.FULL, tally);
        cache = new ValueCache(options.cacheBytes());
        sync = new LogSync(files, openFiles);
        deletion = new FileDeletion(files, openFiles, unsynced, reserve, appending, options.spareDivisor());
        compression = options.compression();
        zstdLevel = options.zstdLevel();
    }

    private LogWriter writer(@Nullable VLogFile last, TailBuffer buffer, VLogOptions options, InstantSource clock) {
        return new LogWriter(
                files,
                openFiles,
                unsynced,
                buffer,
                new LogWriter.Start(last, options.maxFileBytes(), options.compression(), clock));
    }

    /**
     * Opens the log in this storage. Reads and checks headers; creates, changes and deletes no file, which is left to
     * the first append.
     *
     * @param tail the tail of the last commit point. Bytes after it are discarded. Files after it are listed as sealed,
     *     cannot be read, and wait for {@link #delete}. {@code null} if there is no commit point: then the log ends
     *     with the last whole record of the newest file
     * @param isNamed whether a pointer into the file exists; other files need not be whole
     * @throws VLogDamagedException if a file that belongs to the log is missing, too short, or not a VLog file
     * @throws ForeignFileException if something other than a regular file has a name that the log uses
     */
    public static VLog open(Storage storage, VLogOptions options, @Nullable VLogTail tail, LongPredicate isNamed)
            throws IOException {
        return open(storage, options, tail, isNamed, InstantSource.system());
    }

    static VLog open(
            Storage storage, VLogOptions options, @Nullable VLogTail tail, LongPredicate isNamed, InstantSource clock)
            throws IOException {
        VLog log = new VLog(LogInventory.take(storage, tail, isNamed), storage, options, clock);
        log.reserve.find();
        log.unsynced.distrust(log.files.list());
        return log;
    }

    /** Appends a record that may live long. */
    public ValuePointer append(byte[] key, byte[] value) throws IOException {
        return append(key, value, Lifetime.LONG);
    }

    /**
     * Appends a record, which can then be read by its pointer. If this fails, nothing has been appended, and it can be
     * tried again.
     *
     * @throws IllegalArgumentException if the key or the value is too long
     * @throws VLogPoisonedException if a sync has failed
     */
    public ValuePointer append(byte[] key, byte[] value, Lifetime lifetime) throws IOException {
        checkWritable();
        byte[] stored = StoredValue.encode(value, compression, zstdLevel); // slow, so it is outside of the lock
        ValuePointer pointer = ends.append(key, stored, lifetime);
        appendedBytes.addAndGet(pointer.recordBytes());
        return pointer;
    }

    /**
     * Verifies a record of a sealed file and copies it to the file of relocated records. The copy can be read once it
     * has been {@linkplain #drainRelocated drained}.
     *
     * @param records a cursor over the file, at any record; the nearer the better
     * @param key the key that the record must have
     * @return a pointer to the copy
     * @throws CorruptRecordException if the bytes there are not exactly this record
     */
    public ValuePointer relocate(RecordCursor records, ValuePointer pointer, byte[] key) throws IOException {
        checkOpen();
        VLogFile file = records.file();
        byte[] value = relocationReader.readToCopy(file, records.near(), pointer, key, compression);
        boolean asItIsStored = file.compression() == compression;
        return ends.relocate(key, asItIsStored ? value : StoredValue.encode(value, compression, zstdLevel));
    }

    /** Seals the file of relocated records, so that it can be deleted; the next relocated record starts another. */
    public void sealRelocated() throws IOException {
        ends.sealRelocated();
    }

    /** Seals the file of short-lived records, so that it can be deleted; the next such record starts another. */
    public void sealShortLived() throws IOException {
        ends.sealShortLived();
    }

    /** Returns the bytes of all records appended since the log was opened, without relocated ones. Any thread. */
    public long appendedBytes() {
        return appendedBytes.get();
    }

    /**
     * Returns the value of the record at {@code pointer}. Any thread, also while the record is still in the buffer.
     *
     * @param key the key that the record must have
     * @throws CorruptRecordException if the bytes there are not exactly this record
     * @throws FileGoneException if there is no such file (any more): look up the key's location again
     */
    public byte[] read(ValuePointer pointer, byte[] key) throws IOException {
        return read(pointer, key, null);
    }

    /**
     * The same for a scan with read-ahead.
     *
     * @param ahead the read-ahead of the scan; null for a single read
     */
    public byte[] read(ValuePointer pointer, byte[] key, @Nullable Neighbours ahead) throws IOException {
        checkOpen();
        VLogFile file = files.get(pointer.fileId());
        tally.read();
        byte[] cached = cache.get(pointer, key);
        if (cached != null) {
            tally.cacheHit();
            return cached;
        }
        // Invariant 5: bytes that are read ahead stay valid, because the file is sealed.
        byte[] value = ahead == null || ends.isActive(file.fileId())
                ? reader.read(file, pointer, key)
                : reader.read(file, pointer, key, ahead);
        cache.put(pointer, key, value);
        return value;
    }

    /**
     * Opens a cursor over the records of a sealed file; the caller closes it.
     *
     * @throws FileGoneException if there is no such file (any more)
     * @throws IllegalArgumentException if the file is active
     */
    public RecordCursor openCursor(long fileId) throws IOException {
        checkOpen();
        checkSealed(fileId, "walked through");
        VLogFile file = files.get(fileId);
        OpenFile open = openFiles.acquire(file);
        try {
            return new RecordCursor(open, file, tally);
        } catch (Throwable e) {
            open.close();
            throw e;
        }
    }

    /**
     * Passes all appended and relocated bytes to the operating system; does not wait for the disk.
     *
     * @return the tail as of that moment
     */
    public VLogTail drain() throws IOException {
        return ends.drain();
    }

    /**
     * Passes relocated bytes alone to the operating system. On a full disk there is no room for appended records, but
     * relocated ones have the {@linkplain Reserve reserve}, which a put cannot use meanwhile.
     *
     * @return the tail as of that moment
     */
    public VLogTail drainRelocated() throws IOException {
        return ends.drainRelocated();
    }

    /**
     * Makes all records that were appended or relocated before this call durable, with the names of the files.
     * Appending can continue meanwhile.
     *
     * @return the tail when the sync began; everything before it is durable
     * @throws IOException if a file cannot be written, which can be tried again, or cannot be synced, after which the
     *     log takes no more writes
     */
    public VLogTail sync() throws IOException {
        return sync.run(() -> ends.takeUnsynced(true));
    }

    /**
     * Makes drained records durable, which are all that an index may name. Unlike {@link #sync()} this writes nothing,
     * so it works on a full disk.
     */
    public void syncDrained() throws IOException {
        sync.run(() -> ends.takeUnsynced(false));
    }

    /** Returns where the log ends, after all records appended and relocated so far. */
    public VLogTail tail() {
        return ends.tail();
    }

    /**
     * Returns the highest file id ever used. Any thread; never waits. Records that were found before this call are in
     * files up to this id.
     */
    public long highestFileId() {
        return files.highestFileId();
    }

    /** Returns the size at which a file started now would be sealed. */
    public long targetFileBytes() {
        return ends.targetFileBytes();
    }

    /** Returns all files, ascending by id. */
    public List<VLogFileInfo> files() {
        return files.list().stream().map(this::info).toList();
    }

    /** Returns a file, or null if it does not exist (any more). */
    public @Nullable VLogFileInfo file(long fileId) {
        VLogFile file = files.find(fileId);
        return file == null ? null : info(file);
    }

    private VLogFileInfo info(VLogFile file) {
        return new VLogFileInfo(file.fileId(), file.length(), ends.isActive(file.fileId()));
    }

    /** Returns the number of files. */
    public int fileCount() {
        return files.count();
    }

    /** Returns the total size of all files. */
    public long totalBytes() {
        return files.totalBytes();
    }

    /** Returns the statistics since the log was opened. Any thread. */
    public VLogStatistics statistics() {
        return tally.statistics(appendedBytes());
    }

    /** Returns the disk space that is reserved for relocated records. */
    public Reserve reserve() {
        return reserve;
    }

    /** The bytes of deleted files that wait to be written over; they come on top of {@link #totalBytes}. Any thread. */
    public long spareBytes() {
        return files.spares().bytes();
    }

    public boolean contains(long fileId) {
        return files.find(fileId) != null;
    }

    /**
     * Deletes a sealed file, if it still exists. Readers that have it open can finish. A caller that commits the
     * {@link #tail()} must not delete a file in which its last durable commit ends, even if that file is sealed by now:
     * the log could not be opened at that commit any more.
     *
     * @throws IOException if the file system refuses; the file stays as before, and the deletion can be tried again
     * @throws VLogPoisonedException if a sync has failed, because the replacements of the file's records may not be
     *     durable
     * @throws IllegalArgumentException if the file is active
     */
    public void delete(long fileId) throws IOException {
        checkWritable();
        checkSealed(fileId, "deleted");
        deletion.delete(fileId);
    }

    /**
     * Drains and closes the log. Idempotent.
     *
     * @throws UncheckedIOException if the last bytes cannot be written; the log is closed nevertheless
     */
    @Override
    public void close() {
        sync.afterTheLast(() -> ends.alone(() -> {
            if (!closed) {
                closed = true;
                drainAndGiveBackFiles();
            }
        }));
    }

    private void drainAndGiveBackFiles() {
        try {
            ends.close(sync.failure() == null);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the end of " + this, e);
        } finally {
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
        sync.checkDidNotFail();
    }

    private void checkSealed(long fileId, String what) {
        if (ends.isActive(fileId)) {
            throw new IllegalArgumentException(
                    "File " + fileId + " of " + this + " is being written and cannot be " + what);
        }
    }
}

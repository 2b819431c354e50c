/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index in RocksDB: the default column family holds the locations, the column family {@code commit} the commit
 * point and the live bytes.
 *
 * <p>RocksDB's write-ahead log stays enabled. It is small, because it holds pointers, and it lets a committed state
 * survive a killed process. RocksDB's own lock file keeps a second process (or a second store in this one) out of the
 * folder.
 *
 * <p>Thread-safe as {@link LocationIndex} describes. Only {@link #close()} frees native memory, so no method may be
 * called after it.
 */
public final class RocksDbIndex implements LocationIndex {

    private static final byte[] COMMIT_FAMILY = "commit".getBytes(StandardCharsets.UTF_8);

    private static final Logger LOG = LoggerFactory.getLogger(RocksDbIndex.class);

    /** The size of the write-ahead log that may remain when the index is closed; opening replays some 50 MB/s of it. */
    private static final long MAX_REPLAYED_BYTES = 256 << 10;

    /**
     * A write buffer with more tombstones than this is flushed. A scan walks over each of them, and they are so small
     * that some 200,000 would fit.
     */
    static final int MAX_BUFFERED_DELETIONS = 4096;

    static {
        RocksDB.loadLibrary();
    }

    private final Path folder;
    private final RocksDbSettings settings;
    private final RocksDB database;
    private final ColumnFamilyHandle locations;
    private final ColumnFamilyHandle commits;
    private final WriteCount writes;
    private final WriteOptions quick = new WriteOptions();
    private final WriteOptions synced = new WriteOptions().setSync(true);

    private RocksDbIndex(Path folder, RocksDbSettings settings, RocksDB database, List<ColumnFamilyHandle> handles)
            throws RocksDBException, IndexDamagedException {
        this.folder = folder;
        this.settings = settings;
        this.database = database;
        this.locations = handles.get(0);
        this.commits = handles.get(1);
        this.writes = WriteCount.of(database, commits);
    }

    /**
     * Opens the index in the folder, which is created if it does not exist.
     *
     * @throws IndexDamagedException if its files are damaged, or do not belong together
     * @throws IndexException if RocksDB refuses for another reason, such as a folder in use by another store
     * @throws RefusedTuningException if the tuning has settings that an index does not allow
     */
    public static RocksDbIndex open(Path folder, IndexTuning tuning) throws IOException {
        Files.createDirectories(folder);
        RocksDbFiles files = new RocksDbFiles(folder);
        files.checkLogs();
        RocksDbSettings settings = new RocksDbSettings(tuning);
        for (String setting : settings.withoutEffect()) {
            LOG.warn("The index {} is opened without a setting of rocksdb.config.setter: {}", folder, setting);
        }
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            RocksDB database = RocksDB.open(
                    settings.database(),
                    folder.toString(),
                    List.of(
                            new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, settings.locations()),
                            new ColumnFamilyDescriptor(COMMIT_FAMILY, settings.commits())),
                    handles);
            return opened(folder, settings, database, handles);
        } catch (RocksDBException e) {
            settings.close();
            throw refused(files, e);
        } catch (IndexDamagedException e) {
            settings.close();
            throw e;
        }
    }

    private static RocksDbIndex opened(
            Path folder, RocksDbSettings settings, RocksDB database, List<ColumnFamilyHandle> handles)
            throws RocksDBException, IndexDamagedException {
        try {
            return new RocksDbIndex(folder, settings, database, handles);
        } catch (RocksDBException | IndexDamagedException e) {
            handles.forEach(ColumnFamilyHandle::close);
            database.close();
            throw e;
        }
    }

    private static IndexException refused(RocksDbFiles files, RocksDBException e) throws IOException {
        RocksDB.Version version = RocksDB.rocksdbVersion();
        if (RocksDbErrors.isDamage(e) && files.areNewerThan(version.getMajor(), version.getMinor())) {
            return new IndexException(
                    "RocksDB " + version + " could not open the index " + files.folder()
                            + ", which was written by a newer"
                            + " one: use that, or delete the store's folder to have it restored",
                    e);
        }
        return RocksDbErrors.translate("RocksDB could not open the index " + files.folder(), e);
    }

    /**
     * Replaces the content of the folder, whatever it is, by a new index with this commit point and nothing else. The
     * index must not be open.
     */
    public static void replace(Path folder, IndexTuning tuning, CommitPoint commitPoint) throws IOException {
        new RocksDbFiles(folder).delete();
        try (RocksDbIndex index = open(folder, tuning)) {
            index.clear(commitPoint);
        }
    }

    @Override
    public @Nullable ValueLocation get(byte[] key) throws IOException {
        byte[] encoded;
        try {
            encoded = database.get(locations, key);
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
        return Locations.decode(encoded);
    }

    @Override
    public List<@Nullable Separated> separated(List<byte[]> sortedKeys) throws IOException {
        if (sortedKeys.isEmpty()) {
            return List.of(); // RocksDB asserts that there is a key
        }
        List<byte[]> encoded;
        try {
            // Without naming the column family, which is the default one: naming it for each key costs.
            encoded = database.multiGetAsList(sortedKeys);
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
        List<@Nullable Separated> found = new ArrayList<>(encoded.size());
        for (byte[] location : encoded) {
            found.add(Locations.decode(location) instanceof Separated separated ? separated : null);
        }
        return found;
    }

    @Override
    public IndexCursor openCursor(KeyRange range, boolean ascending) {
        return new RocksDbCursor(database, locations, new ReadOptions(), range, ascending);
    }

    @Override
    public IndexView openView() {
        return new RocksDbView(database, locations);
    }

    @Override
    public IndexBatch newBatch() {
        return new RocksDbBatch(locations, commits);
    }

    @Override
    public void write(IndexBatch batch, boolean sync) throws IndexException {
        RocksDbBatch written = (RocksDbBatch) batch;
        try {
            writes.addTo(written.unwrap());
            database.write(sync ? synced : quick, written.unwrap());
            writes.added();
        } catch (RocksDBException e) {
            throw failed("written", e);
        }
        if (written.hasDeletions() && settings.areCompacted()) {
            flushIfItHasManyDeletions();
        }
    }

    /** Flushes the write buffer if it has many tombstones, because only a compaction drops them, and it needs files. */
    private void flushIfItHasManyDeletions() {
        try (FlushOptions unawaited = new FlushOptions().setWaitForFlush(false)) {
            // During a flush RocksDB would block the writer; a later write will check again.
            boolean isFlushing = property("rocksdb.num-immutable-mem-table") > 0;
            if (!isFlushing && property("rocksdb.num-deletes-active-mem-table") > MAX_BUFFERED_DELETIONS) {
                database.flush(unawaited, List.of(locations, commits));
            }
        } catch (RocksDBException e) {
            // The write is safe, and the next one fails if RocksDB accepts no more.
            LOG.warn("Cannot flush the deletions of the index {}, so its scans become slower", folder, e);
        }
    }

    /** Returns a numeric property of the column family of locations. */
    long property(String name) throws RocksDBException {
        return database.getLongProperty(locations, name);
    }

    @Override
    public void sync() throws IndexException {
        try {
            database.syncWal();
        } catch (RocksDBException e) {
            throw failed("synced", e);
        }
    }

    @Override
    public @Nullable CommitPoint commitPoint() throws IndexException {
        try {
            byte[] encoded = database.get(commits, CommitKeys.COMMIT_POINT);
            return encoded == null ? null : CommitPoint.decode(encoded);
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
    }

    @Override
    public SortedMap<Long, LiveRecords> live() throws IndexException {
        return walkCommits(iterator -> {
            SortedMap<Long, LiveRecords> live = new TreeMap<>();
            for (iterator.seek(CommitKeys.LIVE_PREFIX); iterator.isValid(); iterator.next()) {
                live.put(CommitKeys.fileId(iterator.key()), CommitKeys.decodeLive(iterator.value()));
            }
            return live;
        });
    }

    @Override
    public KnownRecords known(long fileId) throws IndexException {
        return walkCommits(iterator -> {
            byte[] liveKey = CommitKeys.live(fileId);
            iterator.seek(liveKey);
            boolean hasLive = iterator.isValid() && Arrays.equals(iterator.key(), liveKey);
            LiveRecords live = hasLive ? CommitKeys.decodeLive(iterator.value()) : LiveRecords.NONE;
            LongStream.Builder dead = LongStream.builder();
            byte[] end = DeadList.keyAfter(fileId);
            for (iterator.seek(DeadList.keysOf(fileId)); isBefore(iterator, end); iterator.next()) {
                DeadList.decode(iterator.key(), iterator.value(), dead);
            }
            return new KnownRecords(live, dead.build().toArray());
        });
    }

    @Override
    public Set<Long> filesWithDead() throws IndexException {
        return walkCommits(iterator -> {
            Set<Long> files = new TreeSet<>();
            byte[] next = DeadList.keysOf(0);
            for (iterator.seek(next); isBefore(iterator, CommitKeys.LIVE_PREFIX); iterator.seek(next)) {
                long fileId = DeadList.fileId(iterator.key());
                files.add(fileId);
                next = DeadList.keyAfter(fileId);
            }
            return files;
        });
    }

    private static boolean isBefore(RocksIterator iterator, byte[] end) {
        return iterator.isValid() && Arrays.compareUnsigned(iterator.key(), end) < 0;
    }

    private interface Walk<T> {
        T take(RocksIterator iterator) throws IndexException;
    }

    /** Reads a snapshot of the column family of commits. */
    private <T> T walkCommits(Walk<T> walk) throws IndexException {
        try (ReadOptions options = new ReadOptions();
                RocksIterator iterator = database.newIterator(commits, options)) {
            T found = walk.take(iterator);
            iterator.status();
            return found;
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
    }

    @Override
    public void clear(CommitPoint commitPoint) throws IndexException {
        try (RocksDbBatch batch = new RocksDbBatch(locations, commits)) {
            for (ColumnFamilyHandle family : List.of(locations, commits)) {
                byte[] afterLast = afterLastKey(family);
                if (afterLast != null) {
                    batch.unwrap().deleteRange(family, new byte[0], afterLast);
                }
            }
            batch.commitPoint(commitPoint);
            writes.beginIn(batch.unwrap());
            database.write(synced, batch.unwrap());
            writes.added();
        } catch (RocksDBException e) {
            throw failed("cleared", e);
        }
    }

    private byte @Nullable [] afterLastKey(ColumnFamilyHandle family) throws RocksDBException {
        try (ReadOptions options = new ReadOptions().setTotalOrderSeek(true);
                RocksIterator iterator = database.newIterator(family, options)) {
            iterator.seekToLast();
            if (!iterator.isValid()) {
                iterator.status();
                return null;
            }
            byte[] last = iterator.key();
            return Arrays.copyOf(last, last.length + 1);
        }
    }

    @Override
    public long approximateEntries() throws IndexException {
        try {
            // RocksDB returns an unsigned number, and its estimate can be below zero.
            return Math.max(0, property("rocksdb.estimate-num-keys"));
        } catch (RocksDBException e) {
            throw failed("asked for its size", e);
        }
    }

    /** The write-ahead log has the data anyway, but the next opening of the index would have to replay it. */
    private void flushIfItTakesLongToReplay() {
        long quicklyReplayed = settings.emptyWriteBufferBytes() + MAX_REPLAYED_BYTES;
        try (FlushOptions whole = new FlushOptions().setWaitForFlush(true)) {
            if (property("rocksdb.cur-size-all-mem-tables") > quicklyReplayed) {
                database.flush(whole, List.of(locations, commits));
            }
        } catch (RocksDBException e) {
            LOG.debug("Cannot flush the index {}, so it takes longer to open it", folder, e);
        }
    }

    /** Frees everything in the order that RocksDB requires: handles, database, options. */
    @Override
    public void close() {
        flushIfItTakesLongToReplay();
        locations.close();
        commits.close();
        database.close();
        quick.close();
        synced.close();
        settings.close();
    }

    private IndexException failed(String what, RocksDBException cause) {
        return RocksDbErrors.translate("the index " + folder + " could not be " + what, cause);
    }
}

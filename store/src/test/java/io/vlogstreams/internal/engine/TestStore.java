/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.FolderOfOpenStore;
import io.vlogstreams.internal.cleanup.CleanupOptions;
import io.vlogstreams.internal.cleanup.CleanupWorker;
import io.vlogstreams.internal.index.CachedLocationIndex;
import io.vlogstreams.internal.index.HookedIndex;
import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.index.IndexTuning;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.LiveRecords;
import io.vlogstreams.internal.index.LocationIndex;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.index.RocksDbIndex;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.CompressionType;
import io.vlogstreams.internal.vlog.DirectoryStorage;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.Storage;
import io.vlogstreams.internal.vlog.VLogOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * A store in a folder for tests of the engine, which can be opened, killed and reopened. Keys and values are text. A
 * value of {@value #THRESHOLD_BYTES} bytes or more is separated, and VLog files are small.
 */
final class TestStore implements AutoCloseable {

    /** A bound that no test reaches. */
    static final double NO_RELOCATION = 1e6;

    static final int THRESHOLD_BYTES = 16;
    static final String RESERVE = "reserve";
    static final String CHANGELOG = "app-store-changelog-0";
    static final byte[] NO_POSITION = new byte[0];

    final Path folder;
    private int thresholdBytes = THRESHOLD_BYTES;
    private int maxKeyBytes = 1 << 20;
    private int maxValueBytes = 1 << 20;
    private long maxStagedBytes = 1 << 20;
    private boolean exactlyOnce;
    private double maxSpaceAmplification = NO_RELOCATION;
    private boolean alwaysRecounts;
    private boolean committedReads;
    private long maxFileBytes = 1024;
    private long cacheBytes;
    private long locationCacheBytes = 8 << 20;
    private LongSupplier nanoTime = System::nanoTime;
    private ValueFormats formats = new OneFormat();
    private CompressionType compression = CompressionType.NONE;
    private int spareDivisor;
    private SyncPolicy syncPolicy = SyncPolicy.NONE;
    private CleanupWorker worker = TestStore::onThisThread;
    private CleanupWorker deleter = worker;
    private boolean awaitsCommits = true;
    private FaultyStorage storage;
    private LocationIndex memory;
    private LocationIndex index;
    private StoreEngine engine;

    private TestStore(Path folder) {
        this.folder = folder;
    }

    static TestStore in(Path folder) {
        return new TestStore(folder);
    }

    TestStore threshold(int bytes) {
        thresholdBytes = bytes;
        return this;
    }

    TestStore limits(int keyBytes, int valueBytes) {
        maxKeyBytes = keyBytes;
        maxValueBytes = valueBytes;
        return this;
    }

    TestStore maxStaged(long bytes) {
        maxStagedBytes = bytes;
        return this;
    }

    TestStore exactlyOnce() {
        exactlyOnce = true;
        return this;
    }

    TestStore committedReads() {
        committedReads = true;
        return this;
    }

    TestStore maxFile(long bytes) {
        maxFileBytes = bytes;
        return this;
    }

    TestStore formats(ValueFormats valueFormats) {
        formats = valueFormats;
        return this;
    }

    TestStore alwaysRecounts() {
        alwaysRecounts = true;
        return this;
    }

    TestStore maxSpaceAmplification(double bound) {
        maxSpaceAmplification = bound;
        return this;
    }

    TestStore cache(long bytes) {
        cacheBytes = bytes;
        return this;
    }

    TestStore locationCache(long bytes) {
        locationCacheBytes = bytes;
        return this;
    }

    TestStore clock(LongSupplier nanos) {
        nanoTime = nanos;
        return this;
    }

    /** Deleted files take at most this part of the log while they wait to be written over; none do if it is not set. */
    TestStore spareDivisor(int divisor) {
        spareDivisor = divisor;
        return this;
    }

    TestStore compression(CompressionType type) {
        compression = type;
        return this;
    }

    TestStore sync(SyncPolicy policy) {
        syncPolicy = policy;
        return this;
    }

    /** Configures the store not to expect commits. */
    TestStore awaitsNoCommits() {
        awaitsCommits = false;
        return this;
    }

    /** Sets the worker of the cleanup, instead of the thread that wakes it. */
    TestStore worker(CleanupWorker cleanupWorker) {
        return workers(cleanupWorker, cleanupWorker);
    }

    TestStore workers(CleanupWorker ofSteps, CleanupWorker ofDeletions) {
        worker = ofSteps;
        deleter = ofDeletions;
        return this;
    }

    /** Keeps files and index in memory, instead of the folder. */
    TestStore inMemory() {
        return inMemory(new MemoryIndex());
    }

    TestStore inMemory(LocationIndex index) {
        storage = new FaultyStorage();
        memory = index;
        return this;
    }

    /** Returns the files of an in-memory store. */
    FaultyStorage storage() {
        return storage;
    }

    /** Runs the cleanup on the thread that wakes it. */
    private static void onThisThread(CleanupWorker.Slice slice) {
        while (slice.run()) {
            // Until there is nothing to do.
        }
    }

    TestStore open() throws IOException {
        return open(memory == null ? RocksDbIndex.open(indexFolder(), IndexTuning.NONE) : memory);
    }

    TestStore open(LocationIndex onIndex) throws IOException {
        EngineOptions options = new EngineOptions(
                "store",
                thresholdBytes,
                maxKeyBytes,
                maxValueBytes,
                maxStagedBytes,
                Long.MAX_VALUE,
                syncPolicy,
                exactlyOnce,
                Set.of(),
                () -> awaitsCommits,
                committedReads,
                new CleanupOptions(maxSpaceAmplification, alwaysRecounts, Long.MAX_VALUE, worker, deleter, nanoTime));
        VLogOptions vlogOptions =
                new VLogOptions(maxFileBytes, 256, 4, cacheBytes, ChecksumLevel.FULL, compression, 3, spareDivisor);
        Storage files = storage == null ? new DirectoryStorage(vlogFolder()) : storage;
        try {
            // A hooked index has its own cache below the hooks.
            LocationIndex cached =
                    onIndex instanceof HookedIndex ? onIndex : CachedLocationIndex.over(onIndex, locationCacheBytes);
            engine = StoreEngine.open(options, vlogOptions, files, cached, formats);
        } catch (IOException | RuntimeException e) {
            onIndex.close();
            throw e;
        }
        index = onIndex;
        return this;
    }

    @Override
    public void close() throws IOException {
        StoreEngine closing = engine;
        engine = null;
        if (closing != null) {
            closing.close();
        }
    }

    TestStore reopen() throws IOException {
        close();
        return open();
    }

    /** Kills an in-memory store and opens the state that is left. */
    TestStore killAndOpen() throws IOException {
        storage = storage.kill();
        return open();
    }

    /** Copies the state that a killed process would leave now, with the same options; not open. */
    TestStore killed(Path copy) throws IOException {
        new FolderOfOpenStore(folder).copyTo(copy);
        TestStore left = new TestStore(copy);
        left.thresholdBytes = thresholdBytes;
        left.maxStagedBytes = maxStagedBytes;
        left.exactlyOnce = exactlyOnce;
        left.maxFileBytes = maxFileBytes;
        left.maxSpaceAmplification = maxSpaceAmplification;
        left.awaitsCommits = awaitsCommits;
        left.compression = compression;
        left.spareDivisor = spareDivisor;
        left.formats = formats;
        return left;
    }

    StoreEngine engine() {
        return engine;
    }

    Path indexFolder() {
        return folder.resolve("index");
    }

    Path vlogFolder() {
        return folder.resolve("vlog");
    }

    void put(String key, String value) throws IOException {
        engine.put(bytes(key), bytes(value));
    }

    void delete(String key) throws IOException {
        engine.put(bytes(key), null);
    }

    String get(String key) throws IOException {
        return text(engine.get(bytes(key)));
    }

    void commit(long offset) throws IOException {
        engine.commit(Map.of(CHANGELOG, offset), NO_POSITION);
    }

    /** Restores changelog records that end at the offset. */
    void restore(long offset, Write... writes) throws IOException {
        engine.restore(List.of(writes), Map.of(CHANGELOG, offset), NO_POSITION);
        engine.cleanUpRestored();
    }

    static Write write(String key, String value) {
        return new Write(bytes(key), value == null ? null : bytes(value));
    }

    Long committedOffset() {
        return engine.offsets().get(CHANGELOG);
    }

    StoreScan scan() throws IOException {
        return engine.scan(KeyRange.ALL, true);
    }

    /** Returns all entries, after checking that ascending and descending scans agree. */
    Map<String, String> contents() throws IOException {
        Map<String, String> upwards = contents(KeyRange.ALL, true);
        List<String> keysDownwards =
                new ArrayList<>(contents(KeyRange.ALL, false).keySet());
        assertThat(keysDownwards.stream().sorted().toList())
                .containsExactlyElementsOf(upwards.keySet().stream().sorted().toList());
        return upwards;
    }

    Map<String, String> contents(KeyRange range, boolean ascending) throws IOException {
        try (StoreScan scan = engine.scan(range, ascending)) {
            return rest(scan);
        }
    }

    /** Returns the remaining entries of a scan, in its order. */
    static Map<String, String> rest(StoreScan scan) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        for (; scan.isValid(); scan.advance()) {
            entries.put(text(scan.key()), text(scan.value()));
        }
        return entries;
    }

    private static SortedMap<Long, Long> bytesOf(SortedMap<Long, LiveRecords> live) {
        SortedMap<Long, Long> bytes = new TreeMap<>();
        live.forEach((fileId, records) -> bytes.put(fileId, records.bytes()));
        return bytes;
    }

    private long recountedSeparated() throws IOException {
        long separated = 0;
        try (IndexCursor cursor = index.openCursor(KeyRange.ALL, true)) {
            for (; cursor.isValid(); cursor.advance()) {
                separated += cursor.location() instanceof Separated ? 1 : 0;
            }
        }
        return separated;
    }

    /** Invariant 6: returns the live bytes, recounted from the index. */
    SortedMap<Long, Long> recountedLiveBytes() throws IOException {
        SortedMap<Long, Long> recounted = new TreeMap<>();
        try (IndexCursor cursor = index.openCursor(KeyRange.ALL, true)) {
            for (; cursor.isValid(); cursor.advance()) {
                if (cursor.location() instanceof Separated separated) {
                    recounted.merge(
                            separated.pointer().fileId(), separated.pointer().recordBytes(), Long::sum);
                }
            }
        }
        return recounted;
    }

    /** Invariant 6: checks that the counters, in the index and in memory, equal a recount. */
    void checkLiveBytes(String description) throws IOException {
        SortedMap<Long, Long> recounted = recountedLiveBytes();
        assertThat(bytesOf(index.live())).as(description).isEqualTo(recounted);
        assertThat(engine.statistics().space().liveBytes())
                .as(description)
                .isEqualTo(
                        recounted.values().stream().mapToLong(Long::longValue).sum());
        assertThat(engine.commitPoint().entries().separated()).as(description).isEqualTo(recountedSeparated());
    }

    /** Returns the ids of the VLog files on disk, in order. */
    List<Long> fileIds() throws IOException {
        return names().stream()
                .filter(name -> name.endsWith(".vlog"))
                .map(TestStore::fileId)
                .sorted()
                .toList();
    }

    private List<String> names() throws IOException {
        if (storage != null) {
            return storage.names();
        }
        try (Stream<Path> files = Files.list(vlogFolder())) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Returns by how much the VLog files exceed this multiple of the live bytes. */
    long bytesAbove(double spaceAmplification) throws IOException {
        long liveBytes = recountedLiveBytes().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        return fileBytes() - (long) (spaceAmplification * liveBytes);
    }

    /** Returns the bytes of all VLog files, as the store knows them, without the reserve. */
    long fileBytes() throws IOException {
        long reserveBytes = reserveBytes();
        assertThat(reserveBytes).isLessThanOrEqualTo(maxFileBytes);
        return engine.statistics().space().totalBytes() - reserveBytes;
    }

    /** Returns the size of the reserve on disk; 0 if there is none. */
    long reserveBytes() throws IOException {
        if (!names().contains(RESERVE)) {
            return 0;
        }
        return storage == null ? Files.size(vlogFolder().resolve(RESERVE)) : storage.bytes(RESERVE).length;
    }

    private static long fileId(String name) {
        return Long.parseLong(name.replace(".vlog", ""));
    }

    Path file(long fileId) {
        return vlogFolder().resolve(String.format("%020d.vlog", fileId));
    }

    /** Returns a separated value of 100 bytes or a little more. */
    static String large(Object content) {
        return content + "-" + "x".repeat(100);
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, UTF_8);
    }
}

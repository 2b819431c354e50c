/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * A store together with its expected content. It is used like the store of a task, with periodic commits and cleanup.
 * Every call of the store is timed, and its result is checked outside of that time.
 *
 * <p>One thread writes; any thread may call {@link #checkedGet}.
 */
final class TestedStore implements AutoCloseable {

    static final String NAME = "store";
    static final TopicPartition CHANGELOG = new TopicPartition("changelog", 0);

    private static final int NEVER_PUT = -1;

    /** RocksDB writes to its info log even when it is idle. */
    private static final int QUIET_BYTES = 4096;

    private static final int READS_PER_FULL_CHECK = 64;

    private final StoreKind kind;
    private final Path folder;
    private final Input input;
    private final BenchmarkOptions options;
    private final AtomicIntegerArray versions;
    private KeyValueStore<Bytes, byte[]> store;
    private TaskContext context;
    private long openNanos;
    private long offset;
    private int putsSinceCommit;
    private long bytesSinceCommit;
    private long liveBytes;
    private int reads;

    private TestedStore(StoreKind kind, Path folder, Input input, BenchmarkOptions options) {
        this.kind = kind;
        this.folder = folder;
        this.input = input;
        this.options = options;
        this.versions = new AtomicIntegerArray(input.keys());
    }

    /** Creates an empty store. */
    static TestedStore create(StoreKind kind, Path folder, Input input, BenchmarkOptions options) throws IOException {
        TestedStore tested = new TestedStore(kind, folder, input, options);
        for (int number = 0; number < input.keys(); number++) {
            tested.versions.set(number, NEVER_PUT);
        }
        Files.createDirectories(folder);
        tested.open();
        return tested;
    }

    /** Creates a store in another folder with the same expected content. */
    TestedStore over(Path otherFolder) {
        TestedStore other = new TestedStore(kind, otherFolder, input, options);
        for (int number = 0; number < input.keys(); number++) {
            other.versions.set(number, versions.get(number));
        }
        other.liveBytes = liveBytes;
        other.open();
        return other;
    }

    /** Opens the store. */
    void open() {
        context = new TaskContext(folder, kind.properties());
        store = kind.newStore(NAME);
        long start = System.nanoTime();
        store.init(context, store);
        openNanos = System.nanoTime() - start;
        if (kind == StoreKind.VLOG) {
            context.addCleanup(NAME);
        }
    }

    /** Returns the time that opening the store took. */
    long openNanos() {
        return openNanos;
    }

    @Override
    public void close() {
        store.close();
    }

    Input input() {
        return input;
    }

    BenchmarkOptions options() {
        return options;
    }

    StoreKind kind() {
        return kind;
    }

    Path folder() {
        return folder;
    }

    KeyValueStore<Bytes, byte[]> store() {
        return store;
    }

    TaskContext context() {
        return context;
    }

    /** Returns the total size of the expected values. */
    long liveBytes() {
        return liveBytes;
    }

    int version(int number) {
        return versions.get(number);
    }

    /** Puts the next version of a value, then commits or cleans up if that is due. */
    void put(int number, Recorder recorder) {
        byte[] value = nextValue(number);
        Bytes key = input.key(number);
        context.processing(offset);
        long start = System.nanoTime();
        store.put(key, value);
        recorder.put(System.nanoTime() - start, value.length);
        recorder.operations(1);
        written(1, value.length, recorder);
    }

    /** Returns the next value, which is the expected one from now on. */
    byte[] nextValue(int number) {
        int old = versions.get(number);
        if (old != NEVER_PUT) {
            liveBytes -= input.length(number, old);
        }
        byte[] value = input.value(number, old + 1);
        liveBytes += value.length;
        // Before the put: another thread may read the new value immediately.
        versions.set(number, old + 1);
        return value;
    }

    /** Counts writes, and commits or cleans up if that is due. */
    void written(int records, long bytes, Recorder recorder) {
        offset += records;
        putsSinceCommit += records;
        bytesSinceCommit += bytes;
        if (putsSinceCommit >= options.putsPerCommit() || bytesSinceCommit >= options.bytesPerCommit()) {
            commit(recorder);
        }
        if (context.isPunctuationDue()) {
            cleanUp(recorder);
        }
    }

    void commit(Recorder recorder) {
        long start = System.nanoTime();
        // Streams commits the offset of the last record.
        store.commit(Map.of(CHANGELOG, offset - 1));
        recorder.commit(System.nanoTime() - start);
        putsSinceCommit = 0;
        bytesSinceCommit = 0;
    }

    private void cleanUp(Recorder recorder) {
        long start = System.nanoTime();
        context.punctuate();
        recorder.cleanup(System.nanoTime() - start);
    }

    void get(int number, Recorder recorder) {
        Bytes key = input.key(number);
        long start = System.nanoTime();
        byte[] value = store.get(key);
        long took = System.nanoTime() - start;
        check(number, versions.get(number), value);
        recorder.get(took, value.length);
    }

    private void check(int number, int version, byte[] value) {
        if (reads++ % READS_PER_FULL_CHECK == 0) {
            input.checkBytes(number, version, value);
        } else {
            input.checkTag(number, version, value);
        }
    }

    /** Gets while another thread writes: the value is that of the last put, or of the current one. Returns the time. */
    long checkedGet(int number) {
        Bytes key = input.key(number);
        int oldest = versions.get(number) - 1;
        long start = System.nanoTime();
        byte[] value = store.get(key);
        long took = System.nanoTime() - start;
        checkBetween(number, oldest, value);
        return took;
    }

    /** Checks some values, untimed, after an unclean end: any version that was put is correct. */
    void checkSomeVersions(Picks picks) {
        picks.forEach(number -> {
            byte[] value = store.get(input.key(number));
            if (value != null || !kind.forgetsWhenKilled()) {
                checkBetween(number, 0, value);
            }
        });
    }

    private void checkBetween(int number, int oldest, byte[] value) {
        int version = value == null ? oldest : Input.version(value);
        if (version < oldest || version > versions.get(number)) {
            throw new WrongValueException(number, oldest, value);
        }
        input.checkBytes(number, version, value);
    }

    /** Checks, untimed, that the store has the newest versions of these. */
    void checkNewest(Picks picks) {
        picks.forEach(number -> input.checkBytes(number, versions.get(number), store.get(input.key(number))));
    }

    /**
     * Waits for the background work of the store, so that the next workload does not pay for this one. Its writes
     * count, its time does not.
     */
    void settle() throws InterruptedException {
        if (!kind.hasBackgroundWork()) {
            return;
        }
        if (context.hasPunctuator()) {
            context.punctuate();
        }
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        long before;
        long now = ProcessFile.writtenBytes().orElse(0);
        do {
            before = now;
            TimeUnit.MILLISECONDS.sleep(100);
            if (context.isPunctuationDue()) {
                context.punctuate();
            }
            now = ProcessFile.writtenBytes().orElse(0);
        } while (now - before > QUIET_BYTES && System.nanoTime() < end);
    }
}

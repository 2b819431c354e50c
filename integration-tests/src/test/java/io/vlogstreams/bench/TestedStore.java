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
 * A store together with what it has to hold. It is used as a task uses it: a commit every so often, the cleanup when
 * its time has come. Every call of the store is timed, and what it gives back is checked outside of that time.
 *
 * <p>One thread writes; {@link #checkedGet} is for any.
 */
final class TestedStore implements AutoCloseable {

    static final String NAME = "store";
    static final TopicPartition CHANGELOG = new TopicPartition("changelog", 0);

    private static final int NEVER_PUT = -1;

    /** RocksDB writes lines to its log even when it does nothing. */
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

    /** A new and empty store. */
    static TestedStore create(StoreKind kind, Path folder, Input input, BenchmarkOptions options) throws IOException {
        TestedStore tested = new TestedStore(kind, folder, input, options);
        for (int number = 0; number < input.keys(); number++) {
            tested.versions.set(number, NEVER_PUT);
        }
        Files.createDirectories(folder);
        tested.open();
        return tested;
    }

    /** A store in another folder that has to hold what this one was given. */
    TestedStore over(Path otherFolder) {
        TestedStore other = new TestedStore(kind, otherFolder, input, options);
        for (int number = 0; number < input.keys(); number++) {
            other.versions.set(number, versions.get(number));
        }
        other.liveBytes = liveBytes;
        other.open();
        return other;
    }

    /** Opens it. */
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

    /** How long the store took to open. */
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

    /** The values that it has to hold, together. */
    long liveBytes() {
        return liveBytes;
    }

    int version(int number) {
        return versions.get(number);
    }

    /** Puts the next version of a value, then commits or cleans up if it is time. */
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

    /** The value that has to be there from now on. */
    byte[] nextValue(int number) {
        int old = versions.get(number);
        if (old != NEVER_PUT) {
            liveBytes -= input.length(number, old);
        }
        byte[] value = input.value(number, old + 1);
        liveBytes += value.length;
        // Before the put: another thread that reads the new value already must find it expected.
        versions.set(number, old + 1);
        return value;
    }

    /** Counts what was written, and commits or cleans up if it is time. */
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
        // Streams says which record was the last.
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

    /** Gets while another thread writes: the value is that of the last put, or of the one under way. Nanoseconds. */
    long checkedGet(int number) {
        Bytes key = input.key(number);
        int oldest = versions.get(number) - 1;
        long start = System.nanoTime();
        byte[] value = store.get(key);
        long took = System.nanoTime() - start;
        checkBetween(number, oldest, value);
        return took;
    }

    /** Looks, untimed, at some of what it holds after it was not closed: any version that was put is right. */
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

    /** Looks, untimed, whether it holds the newest versions of these. */
    void checkNewest(Picks picks) {
        picks.forEach(number -> input.checkBytes(number, versions.get(number), store.get(input.key(number))));
    }

    /**
     * Lets it finish what it does in the background, so that the next workload does not pay for this one; the writes of
     * that count, the time does not.
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

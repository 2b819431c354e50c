/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.cleanup.WorkerOnDemand;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.VLogPoisonedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Random histories of stores on a disk that is repeatedly full. */
class StoreEngineSmallDiskTest {

    private static final int HISTORIES = Integer.getInteger("small.disk.histories", 40);
    private static final int STEPS = 3000;
    private static final int FILE_BYTES = 1024;
    private static final int KEYS = 200;
    private static final double BOUND = 1.5;

    @TempDir
    Path temp;

    private final WorkerOnDemand worker = new WorkerOnDemand();
    private final Map<String, String> model = new TreeMap<>();
    private TestStore store;

    /** A clock that advances by a second with each read, so that the pace allows everything. */
    private final AtomicLong seconds = new AtomicLong();

    private Random random = new Random(0);
    private long limitBytes;
    private long failures;
    private long timesReserveWasUsed;

    /** Runs an operation that may find no room; afterwards the key has its old or its new value. */
    private void tryTo(String key, String value) throws IOException {
        String before = model.get(key);
        String after = value;
        try {
            if (value == null) {
                store.delete(key);
            } else {
                store.put(key, value);
            }
        } catch (IOException e) {
            failed(e);
            after = store.get(key);
            assertThat(after).isIn(before, value);
        }
        if (after == null) {
            model.remove(key);
        } else {
            model.put(key, after);
        }
    }

    private void failed(IOException e) {
        failures++;
        assertThat(e).hasMessageContaining("No space left").isNotInstanceOf(VLogPoisonedException.class);
    }

    private boolean commit(long offset) {
        try {
            store.commit(offset);
            return true;
        } catch (IOException e) {
            failed(e);
            return false;
        }
    }

    private void clean() {
        worker.letTimePass(); // failed work is retried after a pause
        store.engine().cleanUp();
        worker.run();
    }

    private void limit() {
        store.storage().limitTo(limitBytes);
        store.storage().beforeCall((operation, name) -> {
            if (operation == FaultyStorage.Operation.TRUNCATE && name.equals(TestStore.RESERVE)) {
                timesReserveWasUsed++;
            }
        });
    }

    private void killAndOpen() throws IOException {
        worker.forget(); // else the killed store would work on, on the index of the new one
        store.killAndOpen();
    }

    private void step(long number) throws IOException {
        int kind = random.nextInt(100);
        String key = "key-" + random.nextInt(KEYS);
        if (kind < 80) {
            tryTo(key, large(number));
        } else if (kind < 85) {
            tryTo(key, null);
        } else if (kind < 94) {
            commit(number);
        } else if (kind < 99) {
            clean();
        } else if (commit(number)) {
            killAndOpen();
            limit();
        }
        if (number % 100 == 0) {
            assertThat(store.contents()).isEqualTo(model);
            store.checkLiveBytes("step " + number);
        }
    }

    private void run(long seed) throws IOException {
        random = new Random(seed);
        model.clear();
        // Some have room for what they hold, times the bound, and some have not.
        limitBytes = 20_000L + random.nextInt(40_000);
        store = TestStore.in(temp)
                .inMemory()
                .worker(worker)
                .clock(() -> seconds.incrementAndGet() * 1_000_000_000)
                .maxFile(FILE_BYTES)
                .maxSpaceAmplification(BOUND)
                .open();
        limit();
        for (int i = 1; i <= STEPS; i++) {
            step(i);
        }
        assertThat(store.contents()).isEqualTo(model);
        store.storage().heal();
        clean();
        store.commit(STEPS + 1);
        clean();
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(3 * FILE_BYTES);
        killAndOpen();
        assertThat(store.contents()).isEqualTo(model);
        store.reopen();
        assertThat(store.contents()).isEqualTo(model);
        store.close();
    }

    @Test
    void whateverFailsFailsCleanly(TestReporter reporter) throws IOException {
        for (long seed = 1; seed <= HISTORIES; seed++) {
            try {
                run(seed);
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        reporter.publishEntry("failures", failures + ", reserve used " + timesReserveWasUsed);
        assertThat(failures).isGreaterThan(10L * HISTORIES);
        assertThat(timesReserveWasUsed).isGreaterThan(10L * HISTORIES);
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.cleanup.WorkerOnDemand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk is full, and the last records are in memory and have no room. */
class StoreEngineFullDiskTest {

    private static final int FILE_BYTES = 1024;
    private static final int KEYS = 400;
    private static final double BOUND = 1.5;

    @TempDir
    Path temp;

    private final WorkerOnDemand worker = new WorkerOnDemand();
    private final Map<String, String> model = new TreeMap<>();
    private TestStore store;

    @BeforeEach
    void open() throws IOException {
        store = TestStore.in(temp)
                .inMemory()
                .worker(worker)
                .maxFile(FILE_BYTES)
                .maxSpaceAmplification(BOUND)
                .open();
    }

    @AfterEach
    void close() throws IOException {
        store.storage().heal();
        store.close();
    }

    private void put(String key, String value) throws IOException {
        store.put(key, value);
        model.put(key, value);
    }

    /** Fills the disk to the last byte; the last records stay in memory. */
    private void fillDisk() throws IOException {
        put("waiting", large("new"));
        long used = store.storage().names().stream()
                .mapToLong(name -> store.storage().bytes(name).length)
                .sum();
        store.storage().limitTo(used);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        put("waiting-" + i, large(i));
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left");
        assertThatThrownBy(() -> store.commit(2)).hasMessageContaining("No space left");
    }

    private void checkPutsWorkAgain() throws IOException {
        for (int i = 0; i < 20; i++) {
            put("again-" + i, large(i));
        }
        store.commit(3);
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after a full disk");
        store.killAndOpen();
        assertThat(store.contents()).isEqualTo(model);
    }

    @Test
    void whatWasRestoredGoesIntoTheIndexAtOnceWhileTheDiskIsNearlyFull() throws IOException {
        store.restore(1, TestStore.write("key", large(1)));
        assertThat(store.engine().commitPoint().offsets()).isEmpty();
        store.storage().limitTo(100 << 20);
        store.restore(2, TestStore.write("key", large(2)));
        assertThat(store.engine().commitPoint().offsets())
                .isEqualTo(store.engine().offsets());
    }

    @Test
    void obsoleteFilesAreDeletedThoughWhatWasPutHasNoRoom() throws IOException {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < KEYS; i++) {
                put("key-" + i, large(round));
            }
        }
        store.commit(1);
        fillDisk();
        worker.run();
        assertThat(store.engine().statistics().cleanup().deletedFiles()).isGreaterThan(KEYS / 10);
        checkPutsWorkAgain();
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** All ways in which a file can disappear between the lookup of a location and the read of the value. */
@Timeout(120)
class StoreEngineVanishingFileTest {

    @TempDir
    private Path folder;

    /** Creates an in-memory store with the value of a key in a sealed file that is not open. */
    private TestStore storeWithSealedFile() throws IOException {
        TestStore store = TestStore.in(folder).inMemory().open();
        store.put("key", large("old"));
        store.put("other", large("x".repeat(1200)));
        store.commit(1);
        store.put("another", large("y".repeat(1200)));
        store.commit(2);
        return store.killAndOpen();
    }

    /** Overwrites a value and deletes its file, like the cleanup. */
    private static void overwriteAndDeleteFiles(TestStore store, String content) throws IOException {
        store.put("key", large(content));
        store.put("filler", large("z".repeat(1200)));
        store.commit(3);
        store.engine().deleteObsoleteFiles();
    }

    @Test
    void aFileDeletedBeforeItIsOpenedIsNotMissed() throws IOException {
        try (TestStore store = storeWithSealedFile()) {
            AtomicBoolean once = new AtomicBoolean(true);
            store.storage().beforeCall((operation, name) -> {
                if (operation == Operation.OPEN && once.getAndSet(false)) {
                    overwrite(store, "new");
                    assertThat(store.storage().names()).doesNotContain(name);
                }
            });
            assertThat(store.get("key")).isEqualTo(large("new"));
            assertThat(once).isFalse();
            store.storage().beforeCall((operation, name) -> {});
        }
    }

    @Test
    void aFileDeletedWhileItIsReadIsReadToItsEnd() throws IOException {
        try (TestStore store = storeWithSealedFile()) {
            AtomicBoolean once = new AtomicBoolean(true);
            store.storage().beforeCall((operation, name) -> {
                if (operation == Operation.READ && once.getAndSet(false)) {
                    overwrite(store, "new");
                    assertThat(store.storage().names()).doesNotContain(name);
                }
            });
            assertThat(store.get("key")).isEqualTo(large("old"));
            assertThat(once).isFalse();
            store.storage().beforeCall((operation, name) -> {});
            assertThat(store.get("key")).isEqualTo(large("new"));
        }
    }

    @Test
    void aFileThatIsLostIsDamage() throws IOException {
        try (TestStore store = storeWithSealedFile()) {
            AtomicInteger opened = new AtomicInteger();
            store.storage().names().stream()
                    .filter(name -> name.endsWith("1.vlog"))
                    .forEach(store.storage()::remove);
            store.storage().beforeCall((operation, name) -> {
                if (operation == Operation.OPEN) {
                    opened.incrementAndGet();
                }
            });
            assertThatThrownBy(() -> store.get("key"))
                    .isInstanceOf(StoreDamagedException.class)
                    .hasMessageContainingAll("store store", "key 0x6b6579", "1.vlog", "does not exist");
            assertThat(opened).hasValue(2);
        }
    }

    /** Readers are interrupted all the time, while their keys are overwritten and the files deleted. */
    @Test
    void interruptedReadersFailNeitherThemselvesNorOthers() throws Exception {
        int keys = 4;
        ExecutorService threads = Executors.newCachedThreadPool();
        try (TestStore store =
                TestStore.in(folder).maxFile(400_000).maxStaged(10 << 20).open()) {
            for (int i = 0; i < keys; i++) {
                store.put("key-" + i, value(0));
            }
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> interrupted = new java.util.concurrent.CopyOnWriteArrayList<>();
            List<Future<Integer>> results = new ArrayList<>();
            for (int reader = 0; reader < 4; reader++) {
                boolean isInterrupted = reader < 3;
                results.add(threads.submit(() -> {
                    if (isInterrupted) {
                        interrupted.add(Thread.currentThread());
                    }
                    int reads = 0;
                    for (; !stop.get() || reads < 10; reads++) {
                        byte[] value = store.engine().get(bytes("key-" + reads % keys));
                        assertThat(value).hasSize(200_000);
                        assertThat(value[199_999]).isEqualTo(value[0]);
                    }
                    return reads;
                }));
            }
            for (int round = 1; round <= 150; round++) {
                for (int i = 0; i < keys; i++) {
                    interrupted.forEach(Thread::interrupt);
                    store.put("key-" + i, value(round));
                }
                store.commit(round);
                store.engine().deleteObsoleteFiles();
            }
            stop.set(true);
            for (Future<Integer> result : results) {
                assertThat(result.get()).isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static String value(int round) {
        return String.valueOf((char) ('a' + round % 26)).repeat(200_000);
    }

    private static void overwrite(TestStore store, String content) {
        try {
            overwriteAndDeleteFiles(store, content);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.cleanup.WorkerOnDemand;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A failed relocation loses nothing, is retried, and reclaims the space when it can. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // immediate retries might never end
class StoreEngineRelocationFailureTest {

    private static final double BOUND = 1.2;
    private static final int FILE_BYTES = 2048;
    private static final int COLD_KEYS = 60;
    private static final String FILE_NAME = "%020d.vlog";

    @TempDir
    Path temp;

    private final MemoryIndex index = new MemoryIndex();
    private final WorkerOnDemand worker = new WorkerOnDemand();
    private final Map<String, String> model = new TreeMap<>();
    private TestStore store;

    /** Fills the store with many records that have to be relocated. */
    @BeforeEach
    void fill() throws IOException {
        store = TestStore.in(temp)
                .inMemory(index)
                .worker(worker)
                .maxFile(FILE_BYTES)
                .maxSpaceAmplification(BOUND)
                .open();
        for (int i = 0; i < COLD_KEYS; i++) {
            put("cold-" + i, large(i));
            for (int hot = 0; hot < 8; hot++) {
                // Not again so soon that the store would predict a short lifetime and separate them.
                put("hot-" + (8 * i + hot) % (2 * COLD_KEYS), large(i));
            }
        }
        store.commit(1);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        assertThat(store.storage().openFiles()).isZero();
    }

    private void put(String key, String value) throws IOException {
        store.put(key, value);
        model.put(key, value);
    }

    private void checkAll() throws IOException {
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("after a failure");
    }

    /** Ends the pause, after which failed work is retried. */
    private void tryAgain() {
        worker.letTimePass();
        store.engine().cleanUp();
        worker.run();
    }

    private void checkSpaceComesBack() throws IOException {
        store.storage().heal();
        tryAgain();
        store.commit(100);
        worker.run();
        checkAll();
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        store.killAndOpen();
        assertThat(store.contents()).isEqualTo(model);
    }

    private boolean hasMuchToRelocate() throws IOException {
        return store.bytesAbove(BOUND) > 10 * FILE_BYTES;
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"CREATE", "WRITE", "READ", "DELETE"})
    void whileAKindOfCallFailsNothingIsLost(Operation operation) throws IOException {
        assertThat(hasMuchToRelocate()).isTrue();
        store.storage().failAlways(operation);
        for (int i = 0; i < 3; i++) {
            tryAgain();
        }
        long total = store.engine().statistics().space().totalBytes();
        assertThat(total).isGreaterThan(20 * FILE_BYTES);
        store.storage().heal();
        checkAll();
        checkSpaceComesBack();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 13, 40, 70})
    void aSingleFailureIsForgottenByTheNextTry(int call) throws IOException {
        store.storage().failCall(call, Operation.CREATE, Operation.WRITE, Operation.READ, Operation.DELETE);
        worker.run();
        assertThat(store.storage().hasFailed()).isTrue();
        checkAll();
        tryAgain();
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        checkAll();
    }

    @Test
    void anIndexThatCannotBeWrittenLosesNothing() throws IOException {
        index.failWrites(true);
        List<Long> files = store.fileIds();
        worker.run();
        assertThat(store.fileIds()).containsAll(files);
        checkAll();
        index.failWrites(false);
        store.engine().cleanUp();
        checkSpaceComesBack();
    }

    @Test
    void anIndexThatCannotBeSyncedDeletesNothing() throws IOException {
        index.failSyncs(true);
        List<Long> files = store.fileIds();
        for (int i = 0; i < 3; i++) {
            tryAgain();
        }
        assertThat(store.fileIds()).containsAll(files);
        checkAll();
        index.failSyncs(false);
        store.engine().cleanUp();
        checkSpaceComesBack();
    }

    private static Stream<Arguments> placesAndErrors() {
        return Stream.of(
                        Arguments.of(Operation.READ, ".vlog"), // a step
                        Arguments.of(Operation.CREATE, ".vlog"),
                        Arguments.of(Operation.DELETE, ".vlog"), // a deletion
                        Arguments.of(Operation.CREATE, TestStore.RESERVE),
                        Arguments.of(Operation.WRITE, TestStore.RESERVE))
                .flatMap(place -> Stream.of(
                                new StackOverflowError("test"),
                                new OutOfMemoryError("test"),
                                new NoClassDefFoundError("test"),
                                new AssertionError("test"))
                        .map(error -> Arguments.of(place.get()[0], place.get()[1], error)));
    }

    /** Nor does it fail a put that helps, and the retry needs no further write. */
    @ParameterizedTest
    @MethodSource("placesAndErrors")
    void anErrorDoesNotEndTheCleanup(Operation place, String file, Error error) throws IOException {
        AtomicInteger times = new AtomicInteger();
        store.storage().beforeCall((operation, name) -> {
            if (operation == place && name.endsWith(file) && times.get() < 3) {
                times.incrementAndGet();
                throw error;
            }
        });
        worker.run();
        assertThat(times).hasValue(1);
        assertThat(store.engine().statistics().cleanup().failing()).isTrue();
        put("cold-0", large("new"));
        while (worker.letTimePass()) {
            worker.run();
        }
        assertThat(times).hasValue(3);
        assertThat(store.engine().statistics().cleanup().failing()).isFalse();
        assertThat(store.engine().statistics().cleanup().failures()).isEqualTo(3);
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        checkSpaceComesBack();
    }

    /** From no room at all to room for three files. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 50, 500, 2000, 3000, 6000})
    void onAFullDiskNothingIsLostAndSpaceComesBackWhenThereIsRoom(int room) throws IOException {
        store.storage().limitTo(usedBytes() + room);
        for (int i = 0; i < 5; i++) {
            tryAgain();
        }
        checkAll();
        store.engine().cleanUp();
        checkSpaceComesBack();
    }

    /** Files that are copied before the disk is full make room for later copies. */
    @Test
    void roomForAFileIsEnough() throws IOException {
        store.storage().limitTo(usedBytes() + 2 * FILE_BYTES);
        assertThat(hasMuchToRelocate()).isTrue();
        for (int i = 0; i < 60; i++) {
            tryAgain();
        }
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        checkAll();
    }

    private long usedBytes() {
        return store.storage().names().stream()
                .mapToLong(name -> store.storage().bytes(name).length)
                .sum();
    }

    @Test
    void aFileWithADamagedValueIsLeftAloneAndTheOthersGoOn() throws IOException {
        long damaged = fileOf("cold-20");
        String name = FILE_NAME.formatted(damaged);
        int valueAt = find(store.storage().bytes(name), "cold-20") + "cold-20".length();
        store.storage().flipBit(name, 8L * (valueAt + 30));
        store.killAndOpen();
        relocateAll();
        assertThat(store.fileIds()).contains(damaged);
        assertThatThrownBy(() -> store.get("cold-20"))
                .isInstanceOf(StoreDamagedException.class)
                .hasMessageContaining(name);
        checkAllBut("cold-20");
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(4 * FILE_BYTES);
        // After it is overwritten, the damage does not matter any more.
        put("cold-20", large("new"));
        overwriteOthersOf(damaged);
        store.commit(200);
        worker.run();
        assertThat(store.fileIds()).doesNotContain(damaged);
        checkAll();
    }

    /** Then the walk through the file finds bytes that are not records, or skips records. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 1_000_000, 300, 50, 0})
    void aFileWithADamagedLengthIsLeftAloneAndTheOthersGoOn(int length) throws IOException {
        long damaged = fileOf("cold-20");
        int keyAt = find(store.storage().bytes(FILE_NAME.formatted(damaged)), "cold-20");
        byte[] bytes = store.storage().bytes(FILE_NAME.formatted(damaged));
        ByteBuffer.wrap(bytes).putInt(keyAt - Integer.BYTES, length);
        store.storage().put(FILE_NAME.formatted(damaged), bytes);
        store.killAndOpen();
        relocateAll();
        assertThat(store.fileIds()).contains(damaged);
        assertThatThrownBy(() -> store.get("cold-20")).isInstanceOf(StoreDamagedException.class);
        checkAllBut("cold-20");
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(4 * FILE_BYTES);
    }

    /**
     * A length that makes the walk skip a live record: nothing looks wrong, but the record is not copied.
     */
    @Test
    void aFileOfWhichARecordIsPassedOverIsLeftAlone() throws IOException {
        long damaged = fileOf("cold-20");
        String name = FILE_NAME.formatted(damaged);
        byte[] bytes = store.storage().bytes(name);
        int start = find(bytes, "cold-20") - 2 * Integer.BYTES;
        int valueBytes = large(20).length();
        int recordBytes = 12 + "cold-20".length() + valueBytes;
        int deadStart = start - (12 + "hot-39".length() + large(19).length());
        assertThat(find(bytes, "hot-39")).isEqualTo(deadStart + 2 * Integer.BYTES);
        ByteBuffer.wrap(bytes).putInt(deadStart + Integer.BYTES, valueBytes + recordBytes);
        store.storage().put(name, bytes);
        store.killAndOpen();
        relocateAll();
        assertThat(store.fileIds()).contains(damaged);
        checkAll();
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(4 * FILE_BYTES);
    }

    private void relocateAll() throws IOException {
        tryAgain();
        for (int i = 0; i < 10; i++) {
            put("hot-" + i, large("again"));
            store.commit(10 + i);
            worker.run();
        }
    }

    private void checkAllBut(String damagedKey) throws IOException {
        for (Map.Entry<String, String> entry : model.entrySet()) {
            if (!entry.getKey().equals(damagedKey)) {
                assertThat(store.get(entry.getKey())).as(entry.getKey()).isEqualTo(entry.getValue());
            }
        }
        store.checkLiveBytes("with a damaged file");
    }

    private void overwriteOthersOf(long fileId) throws IOException {
        byte[] bytes = store.storage().bytes(FILE_NAME.formatted(fileId));
        for (String key : new ArrayList<>(model.keySet())) {
            if (find(bytes, key) >= 0) {
                put(key, large("new"));
            }
        }
    }

    private long fileOf(String key) {
        return store.storage().names().stream()
                .filter(name -> find(store.storage().bytes(name), key) >= 0)
                .mapToLong(name -> Long.parseLong(name.replace(".vlog", "")))
                .findFirst()
                .orElseThrow();
    }

    private static int find(byte[] bytes, String text) {
        byte[] wanted = TestStore.bytes(text);
        for (int at = 0; at + wanted.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }
}

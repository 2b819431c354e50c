/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine.crash;

import static io.vlogstreams.internal.engine.crash.StoreOracle.KEYS;
import static io.vlogstreams.internal.engine.crash.StoreOracle.bytes;
import static io.vlogstreams.internal.engine.crash.StoreOracle.require;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.engine.OneFormat;
import io.vlogstreams.internal.engine.StoreEngine;
import io.vlogstreams.internal.engine.SyncPolicy;
import io.vlogstreams.internal.index.CrashableIndex;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Flips every bit of a small store's VLog files, and cuts them to every length, one at a time; invariant 7. The oracle
 * treats each as a power failure without protection: a value is correct, or damaged with an error that names file and
 * offset. A store that cannot be opened is emptied, to be restored from its changelog, or refused if it has none.
 */
@ExtendWith(QuietLog.class)
@Timeout(120)
class DamageTest {

    private static final Settings SETTINGS = Settings.of(SyncPolicy.NONE).maxFile(300);
    private static final int HEADER_BYTES = 31;
    private static final int META_AND_VERSION_BYTES = 2;

    private CrashingStore store;

    /**
     * Creates two sealed files and an active one, all with live records, some overwritten records, and an inline key.
     */
    @BeforeEach
    void fill() throws IOException {
        store = CrashingStore.fresh(SETTINGS);
        store.open();
        for (String key : KEYS) {
            store.put(key, 30 + key.hashCode() % 7);
        }
        store.put(KEYS.get(0), 40);
        store.put(KEYS.get(1), 5);
        store.put(KEYS.get(2), -1);
        commit(Map.of(CrashingStore.CHANGELOG, 1L));
        assertThat(store.storage().names()).hasSizeBetween(3, 4);
    }

    private void commit(Map<String, Long> offsets) throws IOException {
        store.commit(offsets, new byte[] {1, 2, 3});
    }

    @ParameterizedTest(name = "changelog offset: {0}")
    @ValueSource(booleans = {true, false})
    void everyFlippedBitIsFoundOrDoesNotMatter(boolean withOffset, TestReporter reporter) throws IOException {
        commit(withOffset ? Map.of(CrashingStore.CHANGELOG, 2L) : Map.of());
        for (String name : store.storage().names()) {
            // After the header it does not matter whether there is an offset.
            int bits = (withOffset ? store.storage().bytes(name).length : HEADER_BYTES) * Byte.SIZE;
            for (int bit = 0; bit < bits; bit++) {
                long flipped = bit;
                damageAndOpen(files -> files.flipBit(name, flipped), name + ", bit " + bit);
            }
        }
        reporter.publishEntry("flipped bits", store.oracle().outcomes().toString());
    }

    @ParameterizedTest(name = "changelog offset: {0}")
    @ValueSource(booleans = {true, false})
    void everyLengthOfAFileIsFoundOrDoesNotMatter(boolean withOffset, TestReporter reporter) throws IOException {
        commit(withOffset ? Map.of(CrashingStore.CHANGELOG, 2L) : Map.of());
        for (String name : store.storage().names()) {
            int size = store.storage().bytes(name).length;
            for (int length = 0; length < size + 50; length++) {
                int cut = length; // a longer length adds zeros
                damageAndOpen(files -> files.cut(name, cut), name + ", length " + length);
            }
            damageAndOpen(files -> files.remove(name), name + ", removed");
        }
        reporter.publishEntry("lengths", store.oracle().outcomes().toString());
    }

    /** Damage does not spread: later writes are correct, even after the process was killed. */
    private void damageAndOpen(Consumer<FaultyStorage> damage, String what) throws IOException {
        FaultyStorage files = new FaultyStorage();
        for (String name : store.storage().names()) {
            files.put(name, store.storage().bytes(name));
        }
        damage.accept(files);
        CrashingStore damaged = store.powerFailed(files, store.index().survivors() - 1, SETTINGS);
        try {
            damaged.open();
            if (damaged.isOpen()) {
                damaged.put(KEYS.get(3), 100);
                damaged.put(KEYS.get(2), 200);
                damaged.commit(Map.of(CrashingStore.CHANGELOG, 3L), new byte[0]);
                damaged.killed(SETTINGS).open();
            }
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError(what + ": " + e.getMessage(), e);
        }
    }

    @Test
    void everyFlippedBitAndEveryLengthOfTheCommitPointIsAnErrorOnOpening() {
        byte[] whole = store.index().commitPointBytes();
        for (int bit = 0; bit < whole.length * Byte.SIZE; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThatThrownBy(() -> openWithCommitPoint(damaged))
                    .as("bit %s", bit)
                    .isInstanceOf(IndexException.class)
                    .hasMessageContaining("commit point");
        }
        for (int length = 0; length < whole.length + 20; length++) {
            byte[] damaged = Arrays.copyOf(whole, length);
            if (length != whole.length) {
                assertThatThrownBy(() -> openWithCommitPoint(damaged))
                        .as("length %s", length)
                        .isInstanceOf(IndexException.class)
                        .hasMessageContaining("commit point");
            }
        }
    }

    private void openWithCommitPoint(byte[] commitPoint) throws IOException {
        CrashableIndex index = survivingIndex();
        index.damageCommitPoint(commitPoint);
        StoreEngine.open(SETTINGS.engine(slice -> {}), SETTINGS.vlog(), store.storage(), index, new OneFormat());
    }

    /**
     * Covers the bytes of a location after its first two, which have its kind. Those two, and inline values, are
     * protected by the checksums of RocksDB's blocks.
     */
    @Test
    void everyFlippedBitOfAPointerIsAnErrorOnReading() throws IOException {
        String key = KEYS.get(0);
        byte[] whole = store.index().locationBytes(bytes(key));
        for (int bit = META_AND_VERSION_BYTES * Byte.SIZE; bit < whole.length * Byte.SIZE; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            CrashableIndex index = survivingIndex();
            index.damageLocation(bytes(key), damaged);
            try (StoreEngine engine = StoreEngine.open(
                    SETTINGS.engine(slice -> {}), SETTINGS.vlog(), store.storage(), index, new OneFormat())) {
                assertThatThrownBy(() -> engine.get(bytes(key)))
                        .as("bit %s, %s", bit, shown(damaged))
                        .isInstanceOf(IOException.class)
                        .hasMessageMatching("(?s).*(\\.vlog|value pointer).*");
                require(engine.get(bytes(KEYS.get(5))) != null, "the others can still be read");
            }
        }
    }

    private static String shown(byte[] location) {
        try {
            return ValueLocation.decode(location).toString();
        } catch (RuntimeException e) {
            return e.getMessage();
        }
    }

    /** For reading only. */
    private CrashableIndex survivingIndex() {
        return store.index().crash(store.index().survivors() - 1);
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.cleanup.SpaceStatistics;
import io.vlogstreams.internal.index.HookedIndex;
import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.MemoryIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Relocation does not change what concurrent readers see, and does not delete files that they pin. */
class StoreEngineRelocationReadersTest {

    private static final double BOUND = 1.2;
    private static final int FILE_BYTES = 2048;
    private static final int KEYS = 200;

    @TempDir
    Path temp;

    private final Map<String, String> model = new TreeMap<>();
    private TestStore store;

    @BeforeEach
    void fill() throws IOException {
        store = TestStore.in(temp)
                .inMemory()
                .maxFile(FILE_BYTES)
                .maxSpaceAmplification(BOUND)
                .committedReads()
                .open();
        overwriteHalf(0);
        for (int i = 1; i < KEYS; i += 2) {
            put("key-" + i, large("cold"));
        }
        store.commit(0);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private void put(String key, String value) throws IOException {
        store.put(key, value);
        model.put(key, value);
    }

    private void overwriteHalf(int round) throws IOException {
        for (int i = 0; i < KEYS; i += 2) {
            put("key-" + i, large(round));
        }
        store.commit(round);
    }

    /** Overwrites half of the keys; the other half is cold, spread over the same files, and has to be relocated. */
    private void overwriteAndRelocate(int rounds) throws IOException {
        for (int round = 1; round <= rounds; round++) {
            for (int i = 0; i < KEYS; i++) {
                if (i % 2 == 0 || i % 21 == round) {
                    put("key-" + i, large(round));
                }
            }
            store.commit(round);
        }
    }

    @Test
    void aScanSeesItsValuesToTheEnd() throws IOException {
        Map<String, String> before = new TreeMap<>(model);
        try (StoreScan upwards = store.scan();
                StoreScan downwards = store.engine().scan(KeyRange.ALL, false);
                StoreScan committed = store.engine().scanCommitted(KeyRange.ALL, true)) {
            overwriteAndRelocate(1);
            assertThat(TestStore.rest(upwards)).isEqualTo(before);
            overwriteAndRelocate(5);
            assertThat(TestStore.rest(downwards)).isEqualTo(before);
            assertThat(TestStore.rest(committed)).isEqualTo(before);
        }
        assertThat(store.contents()).isEqualTo(model);
    }

    @Test
    void aScanThatIsHalfReadGoesOn() throws IOException {
        Map<String, String> before = new TreeMap<>(model);
        Map<String, String> seen = new TreeMap<>();
        try (StoreScan scan = store.scan()) {
            for (int i = 0; scan.isValid(); i++, scan.advance()) {
                seen.put(TestStore.text(scan.key()), TestStore.text(scan.value()));
                if (i % 20 == 0) {
                    overwriteAndRelocate(1);
                }
            }
        }
        assertThat(seen).isEqualTo(before);
    }

    /** However much is written after it was opened. */
    @Test
    void aForgottenScanCostsWhatThereWasWhenItWasOpened() throws IOException {
        long bytesBefore = store.fileBytes();
        Map<String, String> before = new TreeMap<>(model);
        StoreScan forgotten = store.scan();
        StoreScan forgottenOfCommitted = store.engine().scanCommitted(KeyRange.ALL, false);
        for (int round = 1; round <= 100; round++) {
            overwriteSome(round);
            assertThat(store.bytesAbove(BOUND) - bytesBefore)
                    .as("round %d", round)
                    .isLessThanOrEqualTo(3 * FILE_BYTES);
            assertThat(store.get("key-" + round)).isEqualTo(model.get("key-" + round));
        }
        assertThat(store.contents()).isEqualTo(model);
        assertThat(TestStore.rest(forgotten)).isEqualTo(before);
        assertThat(TestStore.rest(forgottenOfCommitted)).isEqualTo(before);
        forgotten.close();
        forgottenOfCommitted.close();
        store.engine().cleanUp();
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        store.checkLiveBytes("at the end");
    }

    /**
     * The scan sees commits after it took its pin, so the highest file id must be read after that.
     */
    @Test
    void aScanHoldsFilesThatWereBegunWhileItWasOpened() throws IOException {
        List<Runnable> beforeCursor = new ArrayList<>();
        store.close();
        store = TestStore.in(temp)
                .inMemory(new MemoryIndex() {
                    @Override
                    public IndexCursor openCursor(KeyRange range, boolean ascending) {
                        List<Runnable> now = List.copyOf(beforeCursor);
                        beforeCursor.clear();
                        now.forEach(Runnable::run);
                        return super.openCursor(range, ascending);
                    }
                })
                .maxFile(FILE_BYTES)
                .maxSpaceAmplification(BOUND)
                .committedReads()
                .open();
        model.clear();
        overwriteSome(1);
        overwriteSome(2);
        for (boolean ofCommitted : new boolean[] {false, true}) {
            beforeCursor.add(() -> overwriteUnchecked(3));
            StoreScan scan = ofCommitted ? store.engine().scanCommitted(KeyRange.ALL, true) : store.scan();
            Map<String, String> seen = new TreeMap<>(model);
            overwriteAndRelocate(5);
            assertThat(TestStore.rest(scan)).isEqualTo(seen);
            scan.close();
        }
    }

    private void overwriteUnchecked(int round) {
        try {
            overwriteSome(round);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Overwrites two thirds of the keys, so that every file keeps live records. */
    private void overwriteSome(int round) throws IOException {
        for (int i = 0; i < KEYS; i++) {
            if ((i + round) % 3 != 0) {
                put("key-" + i, large(round));
            }
        }
        store.commit(round);
    }

    /** After a spill the state of the last commit is kept, and no commit follows. */
    @Test
    void aStateThatIsKeptForReadersCostsWhatThereWasThen() throws IOException {
        store.close();
        store = TestStore.in(temp)
                .inMemory()
                .exactlyOnce()
                .maxFile(FILE_BYTES)
                .maxStaged(3000)
                .maxSpaceAmplification(BOUND)
                .committedReads()
                .open();
        overwriteSome(1);
        overwriteSome(2);
        Map<String, String> committed = new TreeMap<>(model);
        long bytesBefore = store.fileBytes();
        for (int round = 3; round < 60; round++) {
            for (int i = 0; i < KEYS; i++) {
                put("key-" + i, large(round));
            }
            assertThat(store.bytesAbove(BOUND) - bytesBefore)
                    .as("round %d", round)
                    .isLessThanOrEqualTo(6 * FILE_BYTES);
        }
        try (StoreScan scan = store.engine().scanCommitted(KeyRange.ALL, true)) {
            assertThat(TestStore.rest(scan)).isEqualTo(committed);
        }
        assertThat(store.engine().getCommitted(bytes("key-1"))).isEqualTo(bytes(committed.get("key-1")));
        assertThat(store.contents()).isEqualTo(model);
    }

    /** At any moment one scan is so old that the bytes overwritten since then exceed the start of relocation. */
    @Test
    void scansThatOverlapDoNotKeepFilesFromBeingRelocated() throws IOException {
        StoreScan scan = store.scan();
        overwriteHotKeys(1);
        long relocatedBefore = store.engine().statistics().cleanup().relocatedRecords();
        long unpinnedBefore = 0;
        for (int round = 2; round < 120; round++) {
            StoreScan next = store.scan();
            overwriteHotKeys(round);
            scan.close();
            scan = next;
            unpinnedBefore = round == 40 ? unpinnedBytes() : unpinnedBefore;
        }
        long liveBytes = store.engine().statistics().space().liveBytes();
        assertThat(store.engine().statistics().space().pinnedBytes()).isGreaterThan(liveBytes / 2);
        assertThat(store.engine().statistics().cleanup().relocatedRecords() - relocatedBefore)
                .isGreaterThan(KEYS / 2);
        assertThat(unpinnedBytes()).isLessThanOrEqualTo(unpinnedBefore + 4 * FILE_BYTES);
        scan.close();
        assertThat(store.contents()).isEqualTo(model);
    }

    private long unpinnedBytes() {
        SpaceStatistics space = store.engine().statistics().space();
        return space.totalBytes() - space.pinnedBytes();
    }

    private void overwriteHotKeys(int round) throws IOException {
        for (int i = 0; i < KEYS; i += 2) {
            put("key-" + i, large(round));
        }
        for (int i = 0; i < KEYS; i += 2) {
            put("key-" + i, large(-round));
            if (i % 20 == 0) {
                // Cold records in between keep their files alive.
                put("key-" + (1 + (round * 20 + i) % KEYS), large("cold again"));
            }
        }
        store.commit(round);
    }

    @Test
    void aLaterScanDoesNotHoldTheFilesOfAnEarlierOne() throws IOException {
        StoreScan first = store.scan();
        overwriteAndRelocate(5);
        assertThat(store.fileIds()).contains(1L, 2L);
        StoreScan second = store.scan();
        Map<String, String> before = new TreeMap<>(model);
        first.close();
        store.engine().cleanUp();
        assertThat(store.fileIds()).doesNotContain(1L, 2L);
        overwriteAndRelocate(2);
        assertThat(TestStore.rest(second)).isEqualTo(before);
        second.close();
    }

    /** The file of a location may be gone when a get reads it; then the get looks again. */
    @Test
    void aGetFindsTheValueWhereverItGoes() throws IOException {
        for (int round = 1; round <= 20; round++) {
            for (int i = 0; i < KEYS; i++) {
                if (i % 2 == 0) {
                    put("key-" + i, large(round));
                }
                String key = "key-" + (i * 7 % KEYS);
                assertThat(store.get(key)).isEqualTo(model.get(key));
                assertThat(store.engine().getCommitted(bytes("key-1"))).isEqualTo(bytes(model.get("key-1")));
            }
            store.commit(round);
        }
    }

    /** The copies are not named yet, so the old locations are read. */
    @Test
    void aReaderBetweenCopyAndMoveSeesTheSame() throws IOException {
        HookedIndex index = new HookedIndex(new MemoryIndex());
        store.close();
        model.clear();
        store = TestStore.in(temp)
                .inMemory(index)
                .maxFile(FILE_BYTES)
                .maxSpaceAmplification(BOUND)
                .open();
        fillAgain();
        index.forgetDead(); // so that live records are looked up
        List<StoreScan> scans = new ArrayList<>();
        Map<String, String> before = new TreeMap<>();
        index.afterNextLookup(() -> {
            // This lookup is that of the commit; the next one is that of the relocation.
            index.afterNextLookup(() -> {
                scans.add(store.scan());
                before.putAll(model);
            });
        });
        put("key-0", large("last"));
        store.commit(100);
        assertThat(scans).as("something was relocated").hasSize(1);
        overwriteAndRelocate(3);
        assertThat(TestStore.rest(scans.get(0))).isEqualTo(before);
        scans.get(0).close();
    }

    private void fillAgain() throws IOException {
        for (int i = 0; i < KEYS; i++) {
            put("key-" + i, large("again"));
        }
        store.commit(99);
        for (int i = 0; i < KEYS; i += 3) {
            put("key-" + i, large(i));
        }
    }
}

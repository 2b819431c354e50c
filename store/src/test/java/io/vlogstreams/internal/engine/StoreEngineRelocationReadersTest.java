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
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.MemoryIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Relocation under the eyes of readers: it changes nothing of what they see, and what they hold is not deleted. */
class StoreEngineRelocationReadersTest {

    private static final double BOUND = 1.2;
    private static final int FILE_BYTES = 2048;
    private static final int KEYS = 200;

    @TempDir
    Path temp;

    private final Map<String, String> model = new TreeMap<>();
    private TestStore store;

    /** The records of all puts. */
    private long putBytes;

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
        putBytes += 12 + key.length() + value.length();
    }

    private void overwriteHalf(int round) throws IOException {
        for (int i = 0; i < KEYS; i += 2) {
            put("key-" + i, large(round));
        }
        store.commit(round);
    }

    /** The other half is cold and spread over the same files: it has to be relocated. */
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

    private long relocationFile() {
        return store.engine().commitPoint().tail().relocated().fileId();
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

    @Test
    void relocationPausesWhileReadersHoldTooMuchAndThenGoesOn() throws IOException {
        List<Long> filesBefore = store.fileIds();
        StoreScan scan = store.scan();
        putBytes = 0;
        long bytesBefore = store.fileBytes();
        overwriteAndRelocate(10);
        assertThat(store.fileBytes() - bytesBefore - putBytes)
                .as("bytes copied, and the headers of files")
                .isLessThanOrEqualTo(5 * FILE_BYTES);
        assertThat(store.fileIds())
                .as("what the scan may read stays")
                .containsAll(filesBefore.subList(0, filesBefore.size() - 1));
        long files = relocationFile();
        long bytes = store.fileBytes();
        for (int round = 20; round < 30; round++) {
            put("key-0", large(round));
            store.commit(round);
        }
        assertThat(relocationFile()).as("nothing is relocated any more").isEqualTo(files);
        assertThat(store.fileBytes() - bytes)
                .as("only what was put was written")
                .isLessThanOrEqualTo(10 * 120 + FILE_BYTES);
        assertThat(store.bytesAbove(BOUND)).isGreaterThan(10 * FILE_BYTES);
        scan.close();
        store.engine().cleanUp();
        assertThat(store.bytesAbove(BOUND)).isLessThanOrEqualTo(2 * FILE_BYTES);
        assertThat(store.contents()).isEqualTo(model);
        store.checkLiveBytes("at the end");
    }

    /** At any moment there is one so old that what was overwritten since then is more than relocation begins with. */
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
                // Cold records in between: they keep the files in which they are.
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

    /** The location that a get found may be gone when it reads: then it looks again. */
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

    /** The copies are not named yet, the old locations are read. */
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
        store.reopen(); // so that it has to look up what is live
        List<StoreScan> scans = new ArrayList<>();
        Map<String, String> before = new TreeMap<>();
        index.afterNextLookup(() -> {
            // The commit's own lookup; the next one is that of the relocation.
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

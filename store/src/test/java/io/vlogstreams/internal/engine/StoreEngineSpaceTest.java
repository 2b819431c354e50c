/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.index.HookedIndex;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.index.MemoryIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Live bytes, and when which VLog files are deleted; invariants 4 to 6. A file holds one large value here. */
class StoreEngineSpaceTest {

    private static final long ONE_VALUE_PER_FILE = 150;

    @TempDir
    Path temp;

    private TestStore store;

    @AfterEach
    void close() throws IOException {
        if (store != null) {
            store.close();
        }
    }

    private TestStore store() {
        return TestStore.in(temp.resolve("store")).maxFile(ONE_VALUE_PER_FILE);
    }

    @Test
    void aFileGoesWithTheCommitThatMakesItObsolete() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        assertThat(store.fileIds()).containsExactly(1L, 2L);
        store.put("a", large("2"));
        assertThat(store.fileIds()).containsExactly(1L, 2L, 3L);
        store.commit(2);
        assertThat(store.fileIds()).containsExactly(2L, 3L);
    }

    @Test
    void aFileOfDeletedKeysGoes() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        store.delete("a");
        store.commit(2);
        assertThat(store.fileIds()).containsExactly(2L);
    }

    @Test
    void aFileWithOneLiveRecordStays() throws IOException {
        store = store().maxFile(400).open();
        for (String key : List.of("a", "b", "c", "d", "e")) {
            store.put(key, large("1"));
        }
        store.commit(1);
        for (String key : List.of("a", "c", "d", "e")) {
            store.put(key, large("2"));
        }
        store.commit(2);
        assertThat(store.fileIds()).contains(1L);
        assertThat(store.get("b")).isEqualTo(large("1"));
    }

    @Test
    void whatIsOverwrittenBeforeACommitGoesBeforeIt() throws IOException {
        store = store().open();
        for (int i = 1; i <= 5; i++) {
            store.put("a", large(i));
        }
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).containsExactly(5L);
        assertThat(store.get("a")).isEqualTo(large(5));
        assertThat(store.engine().commitPoint().offsets()).isEmpty();
        store.commit(1);
        assertThat(store.fileIds()).containsExactly(5L);
    }

    @Test
    void aFileGoesWithTheLastOfItsStagedRecords() throws IOException {
        store = store().maxFile(400).open();
        for (String key : List.of("a", "b", "c", "d", "e")) {
            store.put(key, large("1"));
        }
        store.put("a", large("2"));
        store.put("b", "inline");
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).contains(1L);
        assertThat(store.get("c")).isEqualTo(large("1"));
        store.delete("c");
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).doesNotContain(1L);
        assertThat(store.contents()).containsOnlyKeys("a", "b", "d", "e");
    }

    @Test
    void filesOfWritesThatAreRolledBackGo() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("b", large("2"));
        store.put("c", large("2"));
        store.engine().rollBack(false);
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).as("the last one is active").containsExactly(1L, 3L);
        assertThat(store.contents()).containsOnlyKeys("a");
    }

    @Test
    void theActiveFileOfShortLivedRecordsGoesWhenNoneIsLiveOrStaged() throws IOException {
        store = store().maxFile(1024).inMemory().open();
        for (int i = 0; i < 100; i++) {
            store.put("k" + i, large(1));
        }
        store.commit(1);
        putTwice("hot");
        store.engine().deleteObsoleteFiles();
        putTwice("warm");
        store.commit(2);
        long shortLived = store.engine().commitPoint().tail().shortLived().fileId();
        assertThat(store.recountedLiveBytes().get(shortLived))
                .as("it is not sealed while one is staged")
                .isGreaterThan(2 * 100);
        store.delete("hot");
        store.delete("warm");
        store.commit(3);
        assertThat(store.fileIds()).doesNotContain(shortLived);
        assertThat(store.engine().commitPoint().tail().shortLived().fileId()).isZero();
        putTwice("cool");
        long next = store.fileIds().get(store.fileIds().size() - 1);
        store.delete("cool");
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).as("before a commit").doesNotContain(next);
        store.killAndOpen();
        assertThat(store.contents()).hasSize(100);
    }

    /** The second value is expected to live as short as the first. */
    private void putTwice(String key) throws IOException {
        store.put(key, large(1));
        store.put(key, large(2));
    }

    /** A file that nothing seems to name may be named by what the index took before an error came. */
    @Test
    void noFileGoesAsLongAsNobodyKnowsWhatTheIndexHolds() throws IOException {
        HookedIndex index = new HookedIndex(new MemoryIndex());
        store = store().inMemory().open(index);
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.put("c", large("1"));
        store.put("c", large("2"));
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).containsExactly(1L, 2L, 4L);
        assertThat(store.engine().commitPoint().tail().highestFileId()).isEqualTo(4);
        index.failCounts(true);
        index.afterNextWrite(() -> {
            throw new OutOfMemoryError("test");
        });
        assertThatThrownBy(() -> store.commit(1)).isInstanceOf(OutOfMemoryError.class);
        store.engine().rollBack(false);
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).containsExactly(1L, 2L, 4L);
        index.failCounts(false);
        store.put("d", large("1"));
        store.commit(2);
        assertThat(store.contents()).containsOnlyKeys("a", "b", "c", "d");
        store.checkLiveBytes("after the next commit");
    }

    /** A store does not open without the files in which its commit point ends. */
    @Test
    void theFileInWhichTheCommitPointEndsGoesOnlyAfterItEndsElsewhere() throws IOException {
        store = store().maxFile(400).inMemory().open();
        store.put("a", large("1"));
        store.commit(1);
        store.delete("a");
        store.commit(2);
        assertThat(store.engine().commitPoint().tail().longLived().fileId()).isEqualTo(1);
        for (int i = 0; i < 6; i++) {
            store.put("b", large(i));
        }
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).doesNotContain(1L);
        assertThat(store.engine().commitPoint().tail().longLived().fileId()).isZero();
        assertThat(store.committedOffset()).isEqualTo(2);
        long highest = store.fileIds().get(store.fileIds().size() - 1);
        store.killAndOpen();
        assertThat(store.contents()).isEmpty();
        assertThat(store.committedOffset()).isEqualTo(2);
        store.put("c", large("3"));
        assertThat(store.fileIds()).contains(highest + 1);
    }

    @Test
    void theActiveFileStaysEvenIfNothingInItIsLive() throws IOException {
        store = store().maxFile(100_000).open();
        store.put("a", large("1"));
        store.commit(1);
        store.delete("a");
        store.commit(2);
        assertThat(store.fileIds()).containsExactly(1L);
        store.put("b", large("2"));
        store.commit(3);
        assertThat(store.get("b")).isEqualTo(large("2"));
    }

    @Test
    void aFileThatAStagedLocationNamesStays() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("b", large("2"));
        store.put("c", large("2"));
        store.put("d", large("2"));
        assertThat(store.engine().deleteObsoleteFiles()).isZero();
        assertThat(store.contents()).containsOnlyKeys("a", "b", "c", "d");
    }

    @Test
    void aFileStaysWhileAScanIsOpenAndGoesAfterIt() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        StoreScan scan = store.scan();
        store.put("a", large("2"));
        store.delete("b");
        store.commit(2);
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).containsExactly(1L, 2L, 3L);
        assertThat(TestStore.rest(scan)).containsExactly(Map.entry("a", large("1")), Map.entry("b", large("1")));
        scan.close();
        assertThat(store.engine().deleteObsoleteFiles()).isEqualTo(2);
        assertThat(store.fileIds()).containsExactly(3L);
    }

    @Test
    void aScanDoesNotHoldFilesThatWereObsoleteBeforeIt() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.commit(1);
        StoreScan old = store.scan();
        store.put("a", large("2"));
        store.commit(2);
        try (StoreScan young = store.scan()) {
            old.close();
            assertThat(store.engine().deleteObsoleteFiles()).isEqualTo(1);
            assertThat(TestStore.rest(young)).containsExactly(Map.entry("a", large("2")));
        }
    }

    @Test
    void aScanReadsWhatWasOnlyStagedWhenItWasOpened() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        try (StoreScan scan = store.scan()) {
            for (int i = 2; i < 6; i++) {
                store.put("a", large(i));
                store.commit(i);
            }
            assertThat(TestStore.rest(scan)).containsExactly(Map.entry("a", large("1")));
        }
    }

    @Test
    void openScansAreCounted() throws IOException {
        store = store().open(new MemoryIndex());
        try (StoreScan scan = store.scan()) {
            assertThat(scan.isValid()).isFalse();
            assertThat(store.engine().statistics().openScans()).isEqualTo(1);
        }
        assertThat(store.engine().statistics().openScans()).isZero();
    }

    @Test
    void noFileGoesIfTheCommitFails() throws IOException {
        MemoryIndex index = new MemoryIndex();
        store = store().open(index);
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        store.put("a", large("2"));
        index.failWrites(true);
        assertThatThrownBy(() -> store.commit(2)).isInstanceOf(IndexException.class);
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).containsExactly(1L, 2L, 3L);
        index.failWrites(false);
    }

    @Test
    void fileIdsAreNeverUsedAgain() throws IOException {
        store = store().exactlyOnce().open();
        Set<Long> used = new HashSet<>();
        long highest = 0;
        for (int round = 0; round < 5; round++) {
            store.put("a", large(round));
            store.commit(round);
            store.put("b", large("never committed"));
            store.put("c", large("never committed"));
            Set<Long> fresh = new HashSet<>(store.fileIds());
            fresh.removeAll(used);
            long before = highest;
            assertThat(fresh).isNotEmpty().allMatch(fileId -> fileId > before);
            used.addAll(fresh);
            highest = used.stream().mapToLong(Long::longValue).max().orElseThrow();
            store.reopen();
        }
    }

    @Test
    void fileIdsOfFilesThatGoBeforeAnyCommitAreNotUsedAgain() throws IOException {
        store = store().inMemory().open();
        for (int i = 1; i <= 5; i++) {
            store.put("a", large(i));
        }
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).containsExactly(5L);
        assertThat(store.engine().commitPoint().tail().highestFileId()).isGreaterThanOrEqualTo(4);
        store.killAndOpen();
        store.put("a", large(6));
        assertThat(store.fileIds()).contains(6L);
    }

    @Test
    void fileIdsAreNotUsedAgainWhenAllFilesAreGone() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.put("a", large("2"));
        store.put("a", large("3"));
        store.commit(1);
        store.reopen();
        store.put("a", large("4"));
        assertThat(store.fileIds()).containsExactly(3L, 4L);
    }

    @Test
    void filesOfAnUncommittedSessionGoWhenSpaceIsGivenBack() throws IOException {
        store = store().exactlyOnce().open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("b", large("lost"));
        store.reopen();
        assertThat(store.fileIds()).containsExactly(1L, 2L);
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).containsExactly(1L);
        store.reopen();
        store.put("c", large("2"));
        assertThat(store.fileIds()).as("file 2 was there").containsExactly(1L, 3L);
    }

    @Test
    void filesOfAnUncommittedSessionGoWithTheNextCommit() throws IOException {
        store = store().exactlyOnce().open();
        store.put("a", large("1"));
        store.commit(1);
        for (int i = 0; i < 5; i++) {
            store.put("b" + i, large("lost"));
        }
        store.reopen();
        assertThat(store.fileIds()).hasSize(6);
        store.put("c", large("2"));
        store.commit(2);
        assertThat(store.fileIds()).containsExactly(1L, 7L);
        assertThat(store.contents()).containsOnlyKeys("a", "c");
    }

    @Test
    void filesOfAStoreThatWasNeverCommittedGoWithTheFirstCommit() throws IOException {
        store = store().exactlyOnce().open();
        store.put("a", large("lost"));
        store.put("b", large("lost"));
        store.reopen();
        store.put("c", large("1"));
        store.commit(1);
        assertThat(store.fileIds()).containsExactly(3L);
    }

    @Test
    void openingDeletesNothing() throws IOException {
        store = store().exactlyOnce().open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("b", large("lost"));
        store.close();
        List<Long> before = store.fileIds();
        store.open();
        assertThat(store.fileIds()).isEqualTo(before);
    }

    @Test
    void aFileThatBecameObsoleteInAnEarlierLifeIsDeleted() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.commit(1);
        StoreScan holding = store.scan();
        store.put("a", large("2"));
        store.commit(2);
        assertThat(store.fileIds()).containsExactly(1L, 2L);
        TestStore survivor = store.killed(temp.resolve("killed")).open();
        holding.close();
        assertThat(survivor.engine().deleteObsoleteFiles()).isEqualTo(1);
        assertThat(survivor.fileIds()).containsExactly(2L);
        survivor.close();
    }

    @Test
    void filesThatASpillMadeObsoleteAreDeletedWithoutACommit() throws IOException {
        store = store().maxStaged(0).open();
        for (int i = 0; i < 5; i++) {
            store.put("a", large(i));
        }
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).containsExactly(5L);
    }

    @Test
    void restoredBatchesLeaveNoObsoleteFiles() throws IOException {
        store = store().open();
        for (int i = 0; i < 5; i++) {
            store.restore(i, TestStore.write("a", large(i)));
        }
        store.commit(4);
        assertThat(store.fileIds()).containsExactly(5L);
    }

    @Test
    void liveBytesAreThoseOfTheIndexAndNotOfWhatIsStaged() throws IOException {
        store = store().open(new MemoryIndex());
        store.put("a", large("1"));
        assertThat(store.engine().statistics().space().liveBytes()).isZero();
        store.commit(1);
        assertThat(store.engine().statistics().space().liveBytes())
                .isEqualTo(12 + 1 + large("1").length());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void liveBytesEqualARecountAfterEveryStepOfARandomHistory(long seed) throws IOException {
        Random random = new Random(seed);
        long maxStaged = random.nextBoolean() ? 3000 : 1 << 20;
        // Room for half of the keys, or for all.
        long locationCacheBytes = seed < 3 ? 256 : 8 << 20;
        store = store().maxFile(300)
                .maxStaged(maxStaged)
                .locationCache(locationCacheBytes)
                .open();
        TreeMap<String, String> model = new TreeMap<>();
        List<StoreScan> scans = new ArrayList<>();
        for (int step = 0; step < 300; step++) {
            String description = "seed " + seed + ", step " + step;
            String key = "k" + random.nextInt(15);
            switch (random.nextInt(20)) {
                case 0, 1, 2 -> store.commit(step);
                case 3, 4, 5 -> {
                    store.delete(key);
                    model.remove(key);
                }
                case 6 -> {
                    String value = large(step);
                    store.restore(step, TestStore.write(key, null), TestStore.write(key, value));
                    model.put(key, value);
                }
                case 7 -> scans.add(store.scan());
                case 8 -> closeAll(scans);
                case 9 -> store.engine().deleteObsoleteFiles();
                case 10 -> {
                    if (random.nextInt(4) == 0) {
                        closeAll(scans);
                        store.reopen();
                    }
                }
                default -> {
                    String value = random.nextInt(4) == 0 ? "small" + step : large(step);
                    store.put(key, value);
                    model.put(key, value);
                }
            }
            store.checkLiveBytes(description);
            assertThat(store.contents()).as(description).isEqualTo(model);
        }
        closeAll(scans);
        store.commit(1000);
        assertThat(store.fileIds())
                .as("seed %s: only files with live bytes and the active one are left", seed)
                .hasSizeLessThanOrEqualTo(store.recountedLiveBytes().size() + 1);
    }

    private static void closeAll(List<StoreScan> scans) {
        scans.forEach(StoreScan::close);
        scans.clear();
    }
}

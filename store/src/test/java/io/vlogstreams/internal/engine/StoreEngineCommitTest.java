/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.CHANGELOG;
import static io.vlogstreams.internal.engine.TestStore.NO_POSITION;
import static io.vlogstreams.internal.engine.TestStore.large;
import static io.vlogstreams.internal.engine.TestStore.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.index.MemoryIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state after a commit, a close, a kill; invariants 2 and 3. A copy of the folder is the state after a kill. */
class StoreEngineCommitTest {

    @TempDir
    Path temp;

    private TestStore store;
    private TestStore survivor;

    @AfterEach
    void close() throws IOException {
        for (TestStore open : new TestStore[] {survivor, store}) {
            if (open != null) {
                open.close();
            }
        }
    }

    private TestStore atLeastOnce() {
        return TestStore.in(temp.resolve("store"));
    }

    private TestStore exactlyOnce() {
        return atLeastOnce().exactlyOnce();
    }

    private TestStore survivor() throws IOException {
        return store.killed(temp.resolve("killed"));
    }

    @Test
    void aNewStoreHasNoOffsets() throws IOException {
        store = atLeastOnce().open();
        assertThat(store.engine().commitPoint().offsets()).isEmpty();
        assertThat(store.engine().commitPoint().position()).isEmpty();
    }

    @Test
    void aCommitBringsDataOffsetsAndPositionToDiskTogether() throws IOException {
        store = exactlyOnce().open();
        store.put("a", large("1"));
        store.put("b", "1");
        store.engine().commit(Map.of(CHANGELOG, 2L, "other-0", -4L), new byte[] {1, 2});
        survivor = survivor().open();
        assertThat(survivor.contents()).containsExactly(Map.entry("a", large("1")), Map.entry("b", "1"));
        assertThat(survivor.engine().commitPoint().offsets()).isEqualTo(Map.of(CHANGELOG, 2L, "other-0", -4L));
        assertThat(survivor.engine().commitPoint().position()).containsExactly(1, 2);
        assertThat(survivor.engine().written()).isTrue();
    }

    @Test
    void aCommitReplacesAllOffsets() throws IOException {
        store = atLeastOnce().open();
        store.put("a", "1");
        store.engine().commit(Map.of(CHANGELOG, 2L, "other-0", 3L), NO_POSITION);
        store.engine().commit(Map.of(CHANGELOG, 4L), NO_POSITION);
        assertThat(store.reopen().engine().commitPoint().offsets()).isEqualTo(Map.of(CHANGELOG, 4L));
    }

    @Test
    void aCommitOfOffsetsAloneIsKept() throws IOException {
        store = atLeastOnce().open();
        store.commit(7);
        assertThat(survivor().open().committedOffset()).isEqualTo(7);
    }

    @Test
    void aCommitThatForgetsTheOffsetsKeepsTheData() throws IOException {
        store = exactlyOnce().open();
        store.put("a", "1");
        store.commit(7);
        store.put("b", "1");
        store.engine().commit(Map.of(), NO_POSITION);
        store.reopen();
        assertThat(store.committedOffset()).isNull();
        assertThat(store.contents()).containsOnlyKeys("a", "b");
    }

    @Test
    void aKilledStoreIsAtItsLastCommit() throws IOException {
        store = atLeastOnce().open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        store.put("a", large("2"));
        store.delete("b");
        store.put("c", large("2"));
        survivor = survivor().open();
        assertThat(survivor.contents()).containsExactly(Map.entry("a", large("1")), Map.entry("b", large("1")));
        assertThat(survivor.committedOffset()).isEqualTo(1);
    }

    @Test
    void aStoreKilledBeforeItsFirstCommitIsEmpty() throws IOException {
        store = exactlyOnce().maxFile(200).open();
        for (int i = 0; i < 10; i++) {
            store.put("a" + i, large("1"));
        }
        survivor = survivor().open();
        assertThat(survivor.contents()).isEmpty();
        assertThat(survivor.committedOffset()).isNull();
        assertThat(survivor.engine().written()).isFalse();
    }

    @Test
    void underExactlyOnceACloseForgetsWhatNoCommitConfirmed() throws IOException {
        store = exactlyOnce().open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("a", large("2"));
        store.put("b", large("2"));
        store.reopen();
        assertThat(store.contents()).containsExactly(Map.entry("a", large("1")));
        assertThat(store.committedOffset()).isEqualTo(1);
    }

    @Test
    void underAtLeastOnceACloseKeepsWhatNoCommitConfirmed() throws IOException {
        store = atLeastOnce().open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("a", large("2"));
        store.put("b", large("2"));
        store.reopen();
        assertThat(store.contents()).containsExactly(Map.entry("a", large("2")), Map.entry("b", large("2")));
        assertThat(store.committedOffset()).isEqualTo(1);
    }

    @Test
    void aStoreThatWasClosedAndOpenedGoesOn() throws IOException {
        store = exactlyOnce().open();
        for (int round = 0; round < 5; round++) {
            store.put("a" + round, large(round));
            store.commit(round);
            store.reopen();
            assertThat(store.contents()).hasSize(round + 1);
        }
    }

    @Test
    void whatIsWrittenBehindTheCutOfACrashIsRead() throws IOException {
        store = exactlyOnce().maxFile(100_000).open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("b", large("lost, and longer than what comes instead"));
        survivor = survivor().open();
        survivor.put("c", large("2"));
        survivor.put("d", large("2"));
        survivor.commit(2);
        survivor.reopen();
        assertThat(survivor.contents()).containsOnlyKeys("a", "c", "d").containsEntry("c", large("2"));
        assertThat(survivor.fileIds()).hasSize(1);
    }

    @Test
    void aKillAtAnyTimeOfARandomHistoryLeavesTheLastCommit() throws IOException {
        long seed = 2026;
        Random random = new Random(seed);
        store = exactlyOnce().maxFile(400).open();
        TreeMap<String, String> model = new TreeMap<>();
        TreeMap<String, String> committed = new TreeMap<>();
        long offset = -1;
        for (int step = 0; step < 300; step++) {
            String key = "k" + random.nextInt(8);
            switch (random.nextInt(8)) {
                case 0 -> {
                    store.commit(step);
                    committed = new TreeMap<>(model);
                    offset = step;
                }
                case 1 -> {
                    store.delete(key);
                    model.remove(key);
                }
                default -> {
                    String value = random.nextBoolean() ? large(step) : "s" + step;
                    store.put(key, value);
                    model.put(key, value);
                }
            }
            if (step % 30 == 29) {
                try (TestStore left =
                        store.killed(temp.resolve("killed" + step)).open()) {
                    assertThat(left.contents())
                            .as("seed %s, step %s", seed, step)
                            .isEqualTo(committed);
                    assertThat(left.committedOffset()).isEqualTo(offset < 0 ? null : offset);
                }
            }
            assertThat(store.contents()).as("seed %s, step %s", seed, step).isEqualTo(model);
        }
    }

    @Test
    void aFailedCommitChangesNothingAndCanBeRepeated() throws IOException {
        MemoryIndex index = new MemoryIndex();
        store = atLeastOnce().open(index);
        store.put("a", large("1"));
        store.commit(1);
        store.put("a", large("2"));
        store.put("b", "2");
        index.failWrites(true);
        assertThatThrownBy(() -> store.commit(2)).isInstanceOf(IndexException.class);
        assertThat(store.committedOffset()).isEqualTo(1);
        assertThat(index.commitPoint().offsets()).isEqualTo(Map.of(CHANGELOG, 1L));
        assertThat(store.contents()).containsExactly(Map.entry("a", large("2")), Map.entry("b", "2"));
        index.failWrites(false);
        store.commit(2);
        assertThat(store.committedOffset()).isEqualTo(2);
        store.checkLiveBytes("after the repeated commit");
    }

    @Test
    void aCommitOfNothingNewIsNotWritten() throws IOException {
        MemoryIndex index = new MemoryIndex();
        store = atLeastOnce().open(index);
        store.put("a", "1");
        store.commit(1);
        index.failWrites(true);
        store.commit(1);
        assertThat(store.committedOffset()).isEqualTo(1);
        index.failWrites(false);
    }

    @Test
    void theIndexIsClosedEvenIfTheLastWriteFails() throws IOException {
        MemoryIndex index = new MemoryIndex();
        store = atLeastOnce().open(index);
        store.put("a", "1");
        index.failWrites(true);
        assertThatThrownBy(store::close).isInstanceOf(IndexException.class);
        assertThat(index.closed()).isTrue();
    }

    @Test
    void moreThanIsAllowedToBeStagedIsReadAllTheSame() throws IOException {
        store = exactlyOnce().maxStaged(1000).open();
        for (int i = 0; i < 50; i++) {
            store.put("k" + i, large(i));
            assertThat(store.engine().statistics().stagedBytes()).isLessThanOrEqualTo(1000);
        }
        assertThat(store.contents()).hasSize(50);
        assertThat(store.engine().commitPoint().dirty()).isTrue();
    }

    @Test
    void evenNothingMayBeAllowedToBeStaged() throws IOException {
        store = exactlyOnce().maxStaged(0).open();
        store.put("a", large("1"));
        store.put("b", "1");
        store.delete("a");
        assertThat(store.contents()).containsExactly(Map.entry("b", "1"));
        assertThat(store.engine().statistics().stagedBytes()).isZero();
    }

    @Test
    void aSpillDoesNotMoveTheOffsets() throws IOException {
        store = atLeastOnce().maxStaged(0).open();
        store.put("a", "1");
        store.commit(1);
        store.put("a", "2");
        assertThat(survivor().open().committedOffset()).isEqualTo(1);
    }

    @Test
    void underExactlyOnceAKilledStoreThatHadSpilledIsEmptied() throws IOException {
        store = exactlyOnce().maxStaged(0).open();
        store.put("a", "1");
        store.put("b", large("1"));
        store.commit(1);
        store.put("a", "2");
        survivor = survivor().open();
        assertIsToBeRestored(survivor);
        survivor.restore(9, write("a", "3"), write("c", large("3")));
        survivor.close();
        survivor.open();
        assertThat(survivor.contents()).containsExactly(Map.entry("a", "3"), Map.entry("c", large("3")));
        assertThat(survivor.committedOffset()).isEqualTo(9);
    }

    @Test
    void aStoreThatHadSpilledBeforeItsFirstCommitIsEmptied() throws IOException {
        store = exactlyOnce().maxStaged(0).open();
        store.put("a", "1");
        survivor = survivor().open();
        assertThat(survivor.contents()).isEmpty();
        assertThat(survivor.engine().written()).isFalse();
    }

    @Test
    void underExactlyOnceAClosedStoreThatHadSpilledIsEmptied() throws IOException {
        store = exactlyOnce().maxStaged(0).open();
        store.put("a", "1");
        store.commit(1);
        store.put("a", "2");
        store.close();
        assertIsToBeRestored(store.open());
    }

    /** Checks that the store is empty, with an offset that says so. */
    private static void assertIsToBeRestored(TestStore emptied) throws IOException {
        assertThat(emptied.contents()).isEmpty();
        assertThat(emptied.committedOffset()).isEqualTo(-4);
        assertThat(emptied.engine().commitPoint().dirty()).isFalse();
    }

    @Test
    void aCommitMakesASpilledStoreClean() throws IOException {
        store = exactlyOnce().maxStaged(0).open();
        store.put("a", "1");
        store.commit(1);
        assertThat(store.engine().commitPoint().dirty()).isFalse();
        survivor = survivor().open();
        assertThat(survivor.contents()).containsExactly(Map.entry("a", "1"));
    }

    @Test
    void aCommitOfUnchangedOffsetsMakesASpilledStoreCleanToo() throws IOException {
        store = exactlyOnce().maxStaged(0).open();
        store.put("a", "1");
        store.commit(1);
        store.put("a", "2");
        store.commit(1);
        survivor = survivor().open();
        assertThat(survivor.contents()).containsExactly(Map.entry("a", "2"));
    }

    @Test
    void underAtLeastOnceASpilledStoreJustOpens() throws IOException {
        store = atLeastOnce().maxStaged(0).open();
        store.put("a", "1");
        store.commit(1);
        store.put("a", "2");
        survivor = survivor().open();
        assertThat(survivor.contents()).containsExactly(Map.entry("a", "2"));
        assertThat(survivor.committedOffset()).isEqualTo(1);
    }

    @Test
    void underAtLeastOnceACloseMakesASpilledStoreClean() throws IOException {
        store = atLeastOnce().maxStaged(0).open();
        store.put("a", "1");
        store.reopen();
        assertThat(store.engine().commitPoint().dirty()).isFalse();
    }

    @Test
    void restoredRecordsAreThereAtOnceWithTheirOffset() throws IOException {
        store = exactlyOnce().open();
        store.restore(9, write("a", large("1")), write("b", "1"));
        assertThat(store.contents()).containsExactly(Map.entry("a", large("1")), Map.entry("b", "1"));
        assertThat(store.committedOffset()).isEqualTo(9);
        assertThat(store.engine().written()).isTrue();
    }

    @Test
    void aCrashMayTakeTheLastRestoredRecordsTogetherWithTheirOffset() throws IOException {
        store = exactlyOnce().open();
        store.restore(9, write("a", large("1")));
        store.commit(9);
        store.restore(10, write("a", large("2")), write("b", "1"));
        survivor = survivor().open();
        assertThat(survivor.contents()).containsExactly(Map.entry("a", large("1")));
        assertThat(survivor.committedOffset()).isEqualTo(9);
    }

    @Test
    void aPutIsPrecededByWhatWasRestored() throws IOException {
        store = exactlyOnce().open();
        store.restore(8, write("a", large("1")), write("b", "1"));
        store.restore(9, write("b", "2"));
        store.put("c", "1");
        survivor = survivor().open();
        assertThat(survivor.contents()).containsExactly(Map.entry("a", large("1")), Map.entry("b", "2"));
        assertThat(survivor.committedOffset()).isEqualTo(9);
    }

    @Test
    void aCloseKeepsWhatWasRestored() throws IOException {
        store = exactlyOnce().open();
        store.restore(9, write("a", large("1")));
        store.reopen();
        assertThat(store.contents()).containsExactly(Map.entry("a", large("1")));
        assertThat(store.committedOffset()).isEqualTo(9);
    }

    @Test
    void aRollBackKeepsWhatWasRestored() throws IOException {
        store = exactlyOnce().open();
        store.restore(9, write("a", large("1")));
        store.engine().rollBack(false);
        store.commit(9);
        assertThat(survivor().open().contents()).containsExactly(Map.entry("a", large("1")));
    }

    @Test
    void manyRestoredRecordsGoIntoTheIndexWithoutACommit() throws IOException {
        store = exactlyOnce().open();
        long offset = 0;
        do {
            assertThat(offset).isLessThan(100_000);
            store.restore(++offset, write("key-" + offset, "1"));
        } while (store.engine().commitPoint().offsets().isEmpty());
        survivor = survivor().open();
        assertThat(survivor.contents()).hasSize((int) offset);
        assertThat(survivor.committedOffset()).isEqualTo(offset);
    }

    @Test
    void ofARestoredBatchOnlyTheLastRecordOfAKeyIsWritten() throws IOException {
        store = exactlyOnce().open();
        store.restore(
                9, write("a", large("1")), write("b", large("1")), write("a", large("2")), write("a", large("3")));
        assertThat(store.contents()).containsExactly(Map.entry("a", large("3")), Map.entry("b", large("1")));
        store.commit(9);
        long written = store.engine().statistics().space().totalBytes();
        assertThat(store.engine().statistics().space().liveBytes()).isBetween(written - 100, written);
    }

    @Test
    void aRestoredTombstoneDeletes() throws IOException {
        store = exactlyOnce().open();
        store.restore(1, write("a", large("1")), write("b", "1"));
        store.restore(5, write("a", null), write("c", "1"), write("c", null));
        assertThat(store.contents()).containsExactly(Map.entry("b", "1"));
        store.commit(5);
        assertThat(survivor().open().contents()).containsExactly(Map.entry("b", "1"));
    }

    @Test
    void aBatchOfTombstonesMovesTheOffset() throws IOException {
        store = exactlyOnce().open();
        store.restore(5, write("a", null));
        store.commit(5);
        assertThat(survivor().open().committedOffset()).isEqualTo(5);
        assertThat(store.engine().written()).isTrue();
    }

    @Test
    void restoringKeepsTheOffsetsOfOtherPartitions() throws IOException {
        store = exactlyOnce().open();
        store.engine().restore(List.of(write("a", "1")), Map.of("global-0", 3L), NO_POSITION);
        store.engine().restore(List.of(write("b", "1")), Map.of("global-1", 4L), NO_POSITION);
        assertThat(store.engine().offsets()).isEqualTo(Map.of("global-0", 3L, "global-1", 4L));
    }

    @Test
    void restoringTheSameAgainChangesNothing() throws IOException {
        store = exactlyOnce().open();
        store.restore(9, write("a", large("1")), write("b", null), write("c", "1"));
        Map<String, String> once = store.contents();
        store.restore(9, write("a", large("1")), write("b", null), write("c", "1"));
        assertThat(store.contents()).isEqualTo(once);
        store.checkLiveBytes("after restoring twice");
    }

    @Test
    void restoringDoesNotMakeADirtyStoreClean() throws IOException {
        store = exactlyOnce().maxStaged(0).open();
        store.put("a", "1");
        store.restore(9, write("b", "1"));
        survivor = survivor();
        assertIsToBeRestored(survivor.open());
    }

    @Test
    void aScanDoesNotSeeWhatIsRestoredLater() throws IOException {
        store = exactlyOnce().open();
        store.restore(1, write("a", large("1")), write("b", large("1")));
        try (StoreScan scan = store.scan()) {
            store.restore(2, write("a", large("2")), write("b", null), write("c", "1"));
            assertThat(TestStore.rest(scan)).containsExactly(Map.entry("a", large("1")), Map.entry("b", large("1")));
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.vlogstreams.internal.cleanup.CleanupStatistics;
import io.vlogstreams.internal.cleanup.SpaceStatistics;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.vlog.VLogStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The statistics of a store on real files. */
class StoreEngineStatisticsTest {

    /** The size of a VLog file's header. */
    private static final int HEADER = 31;

    /** The size of the record of a key of one character and a {@linkplain TestStore#large large} value of one. */
    private static final int RECORD = 12 + 1 + 102;

    @TempDir
    Path temp;

    private final AtomicLong nanos = new AtomicLong();
    private TestStore store;

    @AfterEach
    void close() throws IOException {
        if (store != null) {
            store.close();
        }
    }

    /** Each large value gets a file of its own. */
    private TestStore store() {
        return TestStore.in(temp.resolve("store")).maxFile(100).clock(nanos::get);
    }

    private StoreStatistics statistics() {
        return store.engine().statistics();
    }

    @Test
    void anEmptyStoreHasNothing() throws IOException {
        store = store().open();
        assertThat(statistics()).isEqualTo(StoreStatistics.NONE);
        assertThat(statistics().space().obsoleteBytes()).isZero();
        assertThat(statistics().space().amplification()).isNaN();
        assertThat(statistics().cleanup().averageSliceNanos()).isNaN();
    }

    @Test
    void whatTheIndexDoesNotReferToIsObsolete() throws IOException {
        store = store().maxFile(1 << 20).open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.put("a", large("2"));
        store.commit(1);
        SpaceStatistics space = statistics().space();
        assertThat(space.files()).isEqualTo(1);
        assertThat(space.totalBytes()).isEqualTo(HEADER + 3 * RECORD);
        assertThat(space.liveBytes()).isEqualTo(2 * RECORD);
        assertThat(space.obsoleteBytes()).isEqualTo(HEADER + RECORD);
        assertThat(space.amplification()).isCloseTo((HEADER + 3.0 * RECORD) / (2 * RECORD), within(1e-9));
    }

    @Test
    void aScanThatStaysOpenShowsItsAgeAndWhatItPins() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.commit(1);
        try (StoreScan scan = store.scan()) {
            assertThat(statistics().space().pinnedBytes()).isZero();
            nanos.addAndGet(1000);
            store.put("a", large("2"));
            store.commit(2);
            try (StoreScan younger = store.scan()) {
                nanos.addAndGet(500);
                assertThat(younger.isValid()).isTrue();
                assertThat(statistics().openScans()).isEqualTo(2);
            }
            assertThat(TestStore.text(scan.value())).isEqualTo(large("1"));
            assertThat(statistics().openScans()).isEqualTo(1);
            assertThat(statistics().oldestScanNanos()).isEqualTo(1500);
            assertThat(statistics().space().pinnedBytes()).isEqualTo(HEADER + RECORD);
        }
        assertThat(statistics().openScans()).isZero();
        assertThat(statistics().oldestScanNanos()).isZero();
        assertThat(statistics().space().pinnedBytes()).isZero();
        store.engine().deleteObsoleteFiles();
        assertThat(statistics().cleanup().deletedBytes()).isEqualTo(HEADER + RECORD);
    }

    @Test
    void committedScansAreOpenScans() throws IOException {
        store = store().exactlyOnce().committedReads().open();
        try (StoreScan scan = store.engine().scanCommitted(KeyRange.ALL, true)) {
            assertThat(scan.isValid()).isFalse();
            assertThat(statistics().openScans()).isEqualTo(1);
        }
        assertThat(statistics().openScans()).isZero();
    }

    @Test
    void whatIsKeptForCommittedReadsHoldsFilesButIsNoScan() throws IOException {
        store = store().exactlyOnce().committedReads().maxStaged(0).open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("a", large("2"));
        assertThat(statistics().space().pins()).isEqualTo(1);
        assertThat(statistics().openScans()).isZero();
        assertThat(statistics().oldestScanNanos()).isZero();
        store.commit(2);
        assertThat(statistics().space().pins()).isZero();
    }

    @Test
    void spillsAreCounted() throws IOException {
        store = store().maxStaged(0).open();
        store.put("a", large("1"));
        store.put("b", "2");
        assertThat(statistics().spills()).isEqualTo(2);
        assertThat(statistics().stagedBytes()).isZero();
    }

    @Test
    void stagedWritesTakeMemoryUntilTheCommit() throws IOException {
        store = store().open();
        store.put("a", "1");
        assertThat(statistics().stagedBytes()).isPositive();
        store.commit(1);
        assertThat(statistics().stagedBytes()).isZero();
    }

    @Test
    void valuesInTheVLogAreCountedWhenTheyAreWrittenAndRead() throws IOException {
        store = store().cache(10_000).open();
        store.put("a", large("1"));
        store.put("b", "inline");
        store.get("a");
        store.get("a");
        store.get("b");
        store.get("c");
        assertThat(store.contents()).hasSize(2); // reads of a scan count like gets
        assertThat(statistics().vlog()).isEqualTo(new VLogStatistics(RECORD, 4, 3, 0));
    }

    @Test
    void aReadOfADamagedRecordIsAChecksumFailure() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        byte[] file = Files.readAllBytes(store.file(1));
        file[HEADER + 50] ^= 1;
        Files.write(store.file(1), file);
        assertThatThrownBy(() -> store.engine().get(bytes("a"))).isInstanceOf(StoreDamagedException.class);
        assertThat(store.get("b")).isEqualTo(large("1"));
        assertThat(statistics().vlog().checksumFailures()).isEqualTo(1);
    }

    @Test
    void deletedFilesAreCountedWithTheirSize() throws IOException {
        store = store().open();
        for (int i = 0; i < 4; i++) {
            store.put("a", large(i));
            store.commit(i);
        }
        CleanupStatistics cleanup = statistics().cleanup();
        assertThat(cleanup.deletedFiles()).isEqualTo(3);
        assertThat(cleanup.deletedBytes()).isEqualTo(3 * (HEADER + RECORD));
        assertThat(cleanup.relocatedRecords()).isZero();
        // The first commit had nothing to delete, so the cleanup had no work.
        assertThat(cleanup.slices()).isEqualTo(3);
    }

    @Test
    void relocatedRecordsAreCountedWithTheirSize() throws IOException {
        store = store().maxFile(1000)
                .maxSpaceAmplification(1.1)
                .clock(() -> nanos.addAndGet(1_000_000))
                .open();
        // One record of each round stays; seven are overwritten in the next round.
        for (int round = 0; round < 10; round++) {
            store.put(kept(round), large(round));
            for (int key = 0; key < 7; key++) {
                store.put("" + key, large(round));
            }
            store.commit(round);
        }
        CleanupStatistics cleanup = statistics().cleanup();
        assertThat(cleanup.relocatedRecords()).isPositive();
        assertThat(cleanup.relocatedBytes()).isEqualTo(cleanup.relocatedRecords() * RECORD);
        assertThat(statistics().vlog().appendedBytes()).isEqualTo(10 * 8 * RECORD);
        assertThat(cleanup.slices()).isPositive();
        assertThat(cleanup.longestSliceNanos()).isBetween(1_000_000L, cleanup.sliceNanos());
        assertThat(cleanup.averageSliceNanos()).isBetween(1e6, (double) cleanup.longestSliceNanos());
        assertThat(store.get(kept(0))).isEqualTo(large(0));
    }

    private static String kept(int round) {
        return String.valueOf((char) ('a' + round));
    }

    @Test
    void sizesAreTheSameAfterReopeningAndCountingBeginsAnew() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.put("b", large("2"));
        store.commit(1);
        store.get("a");
        SpaceStatistics before = statistics().space();
        store.reopen();
        assertThat(statistics())
                .isEqualTo(new StoreStatistics(before, VLogStatistics.NONE, CleanupStatistics.NONE, 0, 0, 0, 0));
    }
}

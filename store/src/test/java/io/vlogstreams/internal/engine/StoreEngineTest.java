/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.large;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.MemoryIndex;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The operations of an open store; StoreEngineCommitTest has commits and crashes. */
class StoreEngineTest {

    @TempDir
    Path folder;

    private TestStore store;

    @AfterEach
    void close() throws IOException {
        if (store != null) {
            store.close();
        }
    }

    /** Opens a store in memory, because the index does not matter for most of this. */
    private TestStore open() throws IOException {
        return TestStore.in(folder).open(new MemoryIndex());
    }

    @Test
    void anAbsentKeyHasNoValue() throws IOException {
        store = open();
        assertThat(store.get("a")).isNull();
        assertThat(store.contents()).isEmpty();
    }

    @Test
    void smallAndLargeValuesAreRead() throws IOException {
        store = open();
        store.put("a", "small");
        store.put("b", large("large"));
        assertThat(store.get("a")).isEqualTo("small");
        assertThat(store.get("b")).isEqualTo(large("large"));
    }

    @Test
    void valuesAreReadAfterTheCommit() throws IOException {
        store = open();
        store.put("a", "small");
        store.put("b", large("large"));
        store.commit(1);
        assertThat(store.get("a")).isEqualTo("small");
        assertThat(store.get("b")).isEqualTo(large("large"));
    }

    @Test
    void theEmptyKeyAndTheEmptyValueAreAnEntry() throws IOException {
        store = open();
        store.put("", "");
        assertThat(store.get("")).isEmpty();
        store.commit(1);
        assertThat(store.get("")).isEmpty();
        assertThat(store.contents()).containsOnlyKeys("");
    }

    @Test
    void anEmptyValueCanBeSeparated() throws IOException {
        store = TestStore.in(folder).threshold(0).open(new MemoryIndex());
        store.put("a", "");
        store.commit(1);
        assertThat(store.get("a")).isEmpty();
        assertThat(store.engine().statistics().space().liveBytes()).isPositive();
    }

    @Test
    void theLastValueCounts() throws IOException {
        store = open();
        store.put("a", large("1"));
        store.put("a", large("2"));
        assertThat(store.get("a")).isEqualTo(large("2"));
        store.commit(1);
        store.put("a", "3");
        assertThat(store.get("a")).isEqualTo("3");
    }

    @Test
    void aDeletedKeyHasNoValue() throws IOException {
        store = open();
        store.put("a", large("1"));
        store.commit(1);
        store.delete("a");
        assertThat(store.get("a")).isNull();
        assertThat(store.contents()).isEmpty();
        store.commit(2);
        assertThat(store.get("a")).isNull();
    }

    @Test
    void anAbsentKeyCanBeDeleted() throws IOException {
        store = open();
        store.delete("a");
        store.commit(1);
        assertThat(store.contents()).isEmpty();
    }

    @Test
    void aDeletedKeyCanBePutAgain() throws IOException {
        store = open();
        store.put("a", "1");
        store.commit(1);
        store.delete("a");
        store.put("a", "2");
        store.commit(2);
        assertThat(store.get("a")).isEqualTo("2");
    }

    @Test
    void aValueOneByteBelowTheThresholdStaysInTheIndex() throws IOException {
        store = TestStore.in(folder).threshold(10).open(new MemoryIndex());
        store.put("a", "x".repeat(9));
        store.commit(1);
        assertThat(store.engine().statistics().space().files()).isZero();
    }

    @Test
    void aValueOfTheThresholdIsSeparated() throws IOException {
        store = TestStore.in(folder).threshold(10).open(new MemoryIndex());
        store.put("a", "x".repeat(10));
        store.commit(1);
        assertThat(store.engine().statistics().space().files()).isEqualTo(1);
        assertThat(store.get("a")).isEqualTo("x".repeat(10));
    }

    @Test
    void aValueAboveTheLimitIsRefusedBeforeAnythingIsWritten() throws IOException {
        store = TestStore.in(folder).limits(10, 50).open(new MemoryIndex());
        store.put("a", "x".repeat(50));
        long before = store.engine().statistics().space().totalBytes();
        assertThatThrownBy(() -> store.put("a", "x".repeat(51)))
                .isInstanceOf(LimitException.class)
                .hasMessageContaining("51")
                .hasMessageContaining("vlog.value.bytes.max = 50");
        assertThat(store.engine().statistics().space().totalBytes()).isEqualTo(before);
        assertThat(store.get("a")).isEqualTo("x".repeat(50));
    }

    @Test
    void aKeyAboveTheLimitIsRefusedBeforeAnythingIsWritten() throws IOException {
        store = TestStore.in(folder).limits(10, 50).open(new MemoryIndex());
        store.put("k".repeat(10), "x".repeat(50));
        StoreStatistics before = store.engine().statistics();
        assertThatThrownBy(() -> store.put("k".repeat(11), "x".repeat(50)))
                .isInstanceOf(LimitException.class)
                .hasMessageContaining("11")
                .hasMessageContaining("vlog.key.bytes.max = 10");
        assertThat(store.engine().statistics()).isEqualTo(before);
    }

    @Test
    void aRefusedPutIsNoWrite() throws IOException {
        store = TestStore.in(folder).limits(10, 50).open(new MemoryIndex());
        assertThatThrownBy(() -> store.put("a", "x".repeat(51))).isInstanceOf(LimitException.class);
        assertThat(store.engine().written()).isFalse();
    }

    @Test
    void aPutOrADeleteMakesTheStoreWritten() throws IOException {
        store = open();
        assertThat(store.engine().written()).isFalse();
        store.delete("a");
        assertThat(store.engine().written()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aScanMergesStagedAndCommittedEntriesInOrder(boolean ascending) throws IOException {
        store = open();
        store.put("a", large("1"));
        store.put("c", "1");
        store.put("d", "1");
        store.commit(1);
        store.put("b", large("2"));
        store.put("c", large("2"));
        store.delete("d");
        assertThat(store.contents(KeyRange.ALL, ascending).keySet())
                .containsExactly(ascending ? new String[] {"a", "b", "c"} : new String[] {"c", "b", "a"});
        assertThat(store.contents(KeyRange.ALL, ascending)).containsEntry("c", large("2"));
    }

    @Test
    void aScanKeepsToItsRange() throws IOException {
        store = open();
        for (String key : new String[] {"a", "b", "ba", "c"}) {
            store.put(key, "1");
        }
        store.commit(1);
        store.put("bb", "2");
        assertThat(store.contents(KeyRange.closed(bytes("b"), bytes("c")), true).keySet())
                .containsExactly("b", "ba", "bb", "c");
        assertThat(store.contents(KeyRange.prefix(bytes("b")), false).keySet()).containsExactly("bb", "ba", "b");
    }

    @Test
    void aScanDoesNotSeeLaterPutsDeletesAndCommits() throws IOException {
        store = open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        store.put("c", large("1"));
        try (StoreScan scan = store.scan()) {
            store.put("a", large("2"));
            store.put("aa", large("2"));
            store.delete("b");
            store.commit(2);
            store.delete("c");
            store.put("d", large("2"));
            store.commit(3);
            store.engine().deleteObsoleteFiles();
            assertThat(TestStore.rest(scan).toString())
                    .isEqualTo("{a=" + large("1") + ", b=" + large("1") + ", c=" + large("1") + "}");
        }
        assertThat(store.contents().keySet()).containsExactly("a", "aa", "d");
    }

    @Test
    void aScanStaysASnapshotWhileMoreIsStagedThanFits() throws IOException {
        store = TestStore.in(folder).maxStaged(500).open(new MemoryIndex());
        store.put("a", large("1"));
        try (StoreScan scan = store.scan()) {
            for (int i = 2; i < 100; i++) {
                store.put("a", large(i));
                store.put("b" + i, large(i));
            }
            assertThat(TestStore.rest(scan)).hasSize(1).containsEntry("a", large("1"));
        }
    }

    @Test
    void valuesOfAnEarlierFormatAreConvertedWhenTheyAreRead() throws IOException {
        MemoryIndex index = new MemoryIndex();
        store = TestStore.in(folder).formats(new TwoFormats(0)).open(index);
        store.put("inline", "1");
        store.put("separated", large("1"));
        store.close();
        store = TestStore.in(folder).formats(new TwoFormats(1)).open(index);
        store.put("new", large("2"));
        assertThat(store.get("inline")).isEqualTo("converted 1");
        assertThat(store.get("separated")).isEqualTo("converted " + large("1"));
        assertThat(store.get("new")).isEqualTo(large("2"));
        assertThat(store.contents())
                .containsEntry("inline", "converted 1")
                .containsEntry("separated", "converted " + large("1"))
                .containsEntry("new", large("2"));
    }

    @Test
    void theNumberOfEntriesCountsStagedOnes() throws IOException {
        store = open();
        store.put("a", "1");
        store.put("b", "1");
        store.commit(1);
        store.put("c", "1");
        assertThat(store.engine().approximateEntries()).isEqualTo(3);
        store.delete("a");
        assertThat(store.engine().approximateEntries()).isEqualTo(2);
    }

    @Test
    void theNumberOfEntriesIsNeverNegative() throws IOException {
        store = open();
        store.delete("a");
        assertThat(store.engine().approximateEntries()).isZero();
    }

    /** Values written with tag 0 must be converted for a reader at tag 1. */
    private record TwoFormats(int currentTag) implements ValueFormats {

        @Override
        public byte[] toCurrent(int formatTag, byte[] value) {
            return formatTag == currentTag ? value : bytes("converted " + TestStore.text(value));
        }

        @Override
        public byte[] encode() {
            return new byte[] {0};
        }
    }
}

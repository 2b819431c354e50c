/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StagedWritesTest {

    private final StagedWrites staged = new StagedWrites(false);

    @Test
    void aKeyThatWasNotWrittenHasNoVersion() {
        assertThat(staged.get(bytes("a"))).isNull();
        assertThat(staged.isEmpty()).isTrue();
    }

    @Test
    void theNewestVersionCounts() {
        put("a", "1");
        put("a", "2");
        assertThat(staged.get(bytes("a")).location()).isEqualTo(location("2"));
    }

    @Test
    void aDeletionIsAVersionWithoutLocation() {
        put("a", "1");
        delete("a");
        assertThat(staged.get(bytes("a"))).isNotNull();
        assertThat(staged.get(bytes("a")).location()).isNull();
        assertThat(staged.isEmpty()).isFalse();
    }

    @Test
    void aSnapshotDoesNotSeeLaterWrites() {
        put("a", "1");
        put("c", "1");
        try (StagedWrites.Snapshot snapshot = staged.openSnapshot()) {
            put("a", "2");
            put("b", "2");
            delete("c");
            assertThat(entries(snapshot, KeyRange.ALL, true)).containsExactly("a=1", "c=1");
        }
    }

    @Test
    void aCursorThatIsOpenDoesNotSeeLaterWrites() {
        put("a", "1");
        put("c", "1");
        try (StagedWrites.Snapshot snapshot = staged.openSnapshot()) {
            StagedCursor cursor = snapshot.cursor(KeyRange.ALL, true);
            put("b", "2");
            put("c", "2");
            put("d", "2");
            assertThat(rest(cursor)).containsExactly("a=1", "c=1");
        }
    }

    @Test
    void everySnapshotSeesItsOwnVersion() {
        List<StagedWrites.Snapshot> snapshots = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            put("a", "" + i);
            snapshots.add(staged.openSnapshot());
        }
        for (int i = 9; i >= 0; i--) {
            assertThat(entries(snapshots.get(i), KeyRange.ALL, true)).containsExactly("a=" + i);
        }
        snapshots.forEach(StagedWrites.Snapshot::close);
    }

    @Test
    void aSnapshotSeesDeletionsBeforeItAndNotAfterIt() {
        put("a", "1");
        delete("a");
        try (StagedWrites.Snapshot deleted = staged.openSnapshot()) {
            put("a", "2");
            assertThat(entries(deleted, KeyRange.ALL, true)).containsExactly("a deleted");
        }
    }

    @Test
    void aSnapshotStillHoldsWhenAYoungerOneIsClosed() {
        put("a", "1");
        try (StagedWrites.Snapshot old = staged.openSnapshot()) {
            put("a", "2");
            staged.openSnapshot().close();
            put("a", "3");
            assertThat(entries(old, KeyRange.ALL, true)).containsExactly("a=1");
        }
    }

    @Test
    void olderVersionsAreForgottenWhenNoSnapshotIsOpen() {
        put("a", "1");
        staged.openSnapshot().close();
        put("a", "2");
        assertThat(staged.get(bytes("a")).older()).isNull();
    }

    @Test
    void aWalkGoesBothWaysAndKeepsToItsBounds() {
        for (String key : List.of("a", "b", "c", "d")) {
            put(key, "1");
        }
        KeyRange range = KeyRange.closed(bytes("b"), bytes("c"));
        try (StagedWrites.Snapshot snapshot = staged.openSnapshot()) {
            assertThat(entries(snapshot, range, true)).containsExactly("b=1", "c=1");
            assertThat(entries(snapshot, range, false)).containsExactly("c=1", "b=1");
            assertThat(entries(snapshot, KeyRange.prefix(bytes("d")), true)).containsExactly("d=1");
        }
    }

    @Test
    void keysAreInUnsignedOrder() {
        staged.put(new byte[] {(byte) 0x80}, location("high"));
        staged.put(new byte[] {0x7F}, location("low"));
        assertThat(staged.newest())
                .extracting(entry -> text(((Inline) entry.newest().location()).value()))
                .containsExactly("low", "high");
    }

    @Test
    void theReplacedLocationIsGivenBack() {
        assertThat(staged.put(bytes("a"), location("1"))).isNull();
        assertThat(staged.put(bytes("a"), location("2"))).isEqualTo(location("1"));
        assertThat(staged.put(bytes("a"), null)).isEqualTo(location("2"));
        assertThat(staged.put(bytes("a"), location("3"))).isNull();
    }

    @Test
    void aFileIsNamedUntilTheLastOfItsRecordsIsForgotten() {
        Separated first = record(7, 100);
        Separated second = record(7, 200);
        assertThat(staged.names(7)).isFalse();
        staged.put(bytes("a"), first);
        staged.put(bytes("b"), second);
        assertThat(staged.put(bytes("a"), record(8, 100))).isEqualTo(first);
        staged.forget(first.pointer());
        assertThat(staged.names(7)).isTrue();
        assertThat(staged.put(bytes("b"), null)).isEqualTo(second);
        assertThat(staged.names(7)).as("until it is told").isTrue();
        staged.forget(second.pointer());
        assertThat(staged.names(7)).isFalse();
        assertThat(staged.names(8)).isTrue();
    }

    private static Separated record(long fileId, long offset) {
        return new Separated(0, new ValuePointer(fileId, offset, 1, 80, 0));
    }

    /** The next snapshot has in order the keys from before and after the first one. */
    @Test
    void aSecondSnapshotSeesWhatCameAfterTheFirst() {
        staged.put(bytes("c"), location("1"));
        staged.openSnapshot().close();
        staged.put(bytes("a"), location("2"));
        staged.put(bytes("c"), location("3"));
        try (StagedWrites.Snapshot snapshot = staged.openSnapshot()) {
            staged.put(bytes("b"), location("4"));
            assertThat(entries(snapshot, KeyRange.ALL, true)).containsExactly("a=2", "c=3");
        }
    }

    @Test
    void memoryIsCountedWithKeysAndInlineValues() {
        long empty = staged.bytes();
        staged.put(new byte[1000], new Inline(0, new byte[2000]));
        assertThat(empty).isZero();
        assertThat(staged.bytes()).isBetween(3000L, 3500L);
    }

    @Test
    void anOverwrittenValueTakesNoMemory() {
        put("a", "1");
        long once = staged.bytes();
        for (int i = 0; i < 100; i++) {
            put("a", "2");
        }
        assertThat(staged.bytes()).isEqualTo(once);
    }

    @Test
    void versionsKeptForASnapshotTakeMemoryUntilTheyAreForgotten() {
        put("a", "1");
        long once = staged.bytes();
        try (StagedWrites.Snapshot snapshot = staged.openSnapshot()) {
            put("a", "2");
            put("a", "3");
            assertThat(staged.bytes()).isGreaterThan(once);
            assertThat(entries(snapshot, KeyRange.ALL, true)).containsExactly("a=1");
        }
        put("a", "4");
        assertThat(staged.bytes()).isEqualTo(once);
    }

    @Test
    void newKeysAreCountedByTheNewestVersionOfEachKey() {
        put("a", "1");
        put("b", "1");
        put("b", "2");
        assertThat(staged.approximateNewKeys()).isEqualTo(2);
        delete("b");
        assertThat(staged.approximateNewKeys()).isZero();
        delete("b");
        delete("c");
        assertThat(staged.approximateNewKeys()).isEqualTo(-1);
        put("c", "1");
        assertThat(staged.approximateNewKeys()).isEqualTo(1);
    }

    @Test
    void olderVersionsKeptForASnapshotAreNoNewKeys() {
        put("a", "1");
        put("b", "1");
        try (StagedWrites.Snapshot snapshot = staged.openSnapshot()) {
            put("a", "2");
            delete("b");
            delete("a");
            assertThat(staged.approximateNewKeys()).isEqualTo(-2);
            assertThat(entries(snapshot, KeyRange.ALL, true)).containsExactly("a=1", "b=1");
        }
        put("a", "3");
        assertThat(staged.approximateNewKeys()).isZero();
    }

    private void put(String key, String value) {
        staged.put(bytes(key), location(value));
    }

    private void delete(String key) {
        staged.put(bytes(key), null);
    }

    private static ValueLocation location(String value) {
        return new Inline(0, bytes(value));
    }

    private static List<String> entries(StagedWrites.Snapshot snapshot, KeyRange range, boolean ascending) {
        return rest(snapshot.cursor(range, ascending));
    }

    private static List<String> rest(StagedCursor cursor) {
        List<String> entries = new ArrayList<>();
        for (; cursor.isValid(); cursor.advance()) {
            ValueLocation location = cursor.location();
            entries.add(text(cursor.key()) + (location == null ? " deleted" : "=" + text(((Inline) location).value())));
        }
        return entries;
    }
}

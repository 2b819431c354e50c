/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.cleanup.Pins;
import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.IndexCursor;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.ValueLocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The merge of staged writes over the index; StoreEngineTest has scans of a whole store. */
class StoreScanTest {

    private final StagedWrites staged = new StagedWrites(false);
    private final MemoryIndex index = new MemoryIndex();
    private final Pins pins = new Pins();
    private int valuesRead;

    @Test
    void nothingAndNothingIsNothing() throws IOException {
        assertThat(scanned(true)).isEmpty();
        assertThat(scanned(false)).isEmpty();
    }

    @Test
    void bothSourcesAreMergedInOrder() throws IOException {
        indexed("a", "1");
        staged("b", "2");
        indexed("c", "3");
        staged("d", "4");
        assertThat(scanned(true)).containsExactly("a=1", "b=2", "c=3", "d=4");
        assertThat(scanned(false)).containsExactly("d=4", "c=3", "b=2", "a=1");
    }

    @Test
    void aStagedValueHidesTheIndex() throws IOException {
        indexed("a", "old");
        staged("a", "new");
        assertThat(scanned(true)).containsExactly("a=new");
        assertThat(scanned(false)).containsExactly("a=new");
    }

    @Test
    void aStagedDeletionHidesTheIndex() throws IOException {
        indexed("a", "1");
        indexed("b", "2");
        indexed("c", "3");
        staged("b", null);
        assertThat(scanned(true)).containsExactly("a=1", "c=3");
        assertThat(scanned(false)).containsExactly("c=3", "a=1");
    }

    @Test
    void deletionsAtBothEndsAreNoEntries() throws IOException {
        indexed("a", "1");
        staged("a", null);
        indexed("b", "2");
        staged("z", null);
        assertThat(scanned(true)).containsExactly("b=2");
        assertThat(scanned(false)).containsExactly("b=2");
    }

    @Test
    void nothingButDeletionsIsNothing() throws IOException {
        indexed("a", "1");
        staged("a", null);
        staged("b", null);
        assertThat(scanned(true)).isEmpty();
        assertThat(scanned(false)).isEmpty();
    }

    @Test
    void aValueIsReadWhenItIsAskedForAndNotBefore() throws IOException {
        indexed("a", "1");
        staged("b", "2");
        try (StoreScan scan = open(true)) {
            for (; scan.isValid(); scan.advance()) {
                assertThat(scan.key()).isNotEmpty();
            }
            assertThat(valuesRead).isZero();
        }
    }

    @Test
    void behindTheEndThereIsNoKeyAndNoValue() throws IOException {
        try (StoreScan scan = open(true)) {
            assertThat(scan.isValid()).isFalse();
            assertThatThrownBy(scan::key).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(scan::value).isInstanceOf(NoSuchElementException.class);
        }
    }

    /** An index that cannot be read must not look like the end of the range, however often it is asked. */
    @Test
    void anIndexThatFailsIsAnErrorAgainAndAgain() throws IOException {
        indexed("a", "1");
        StagedWrites.Snapshot snapshot = staged.openSnapshot();
        try (StoreScan scan = new StoreScan(
                snapshot,
                snapshot.cursor(KeyRange.ALL, true),
                new FailsBehindTheFirst(index.openCursor(KeyRange.ALL, true)),
                () -> {},
                (key, location) -> key,
                true)) {
            scan.advance();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(scan::advance).isInstanceOf(IndexException.class);
                assertThat(scan.isValid()).isTrue();
                assertThatThrownBy(scan::value).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void closingGivesUpThePinAndTheSnapshot() throws IOException {
        StoreScan scan = open(true);
        assertThat(pins.held()).isEqualTo(1);
        scan.close();
        assertThat(pins.held()).isZero();
        staged("a", "1");
        staged("a", "2");
        assertThat(staged.get(bytes("a")).older()).isNull();
    }

    @Test
    void anyMixOfStagedAndIndexedKeysIsMergedLikeAMap() throws IOException {
        long seed = 4711;
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            StoreScanTest merged = new StoreScanTest();
            NavigableMap<String, String> model = new TreeMap<>();
            for (int i = random.nextInt(12); i > 0; i--) {
                merged.indexed("k" + random.nextInt(10), "i" + i);
            }
            merged.indexed.forEach(model::put);
            for (int i = random.nextInt(12); i > 0; i--) {
                String key = "k" + random.nextInt(10);
                String value = random.nextInt(3) == 0 ? null : "s" + i;
                merged.staged(key, value);
                if (value == null) {
                    model.remove(key);
                } else {
                    model.put(key, value);
                }
            }
            assertThat(merged.scanned(true))
                    .as("seed %s, round %s", seed, round)
                    .isEqualTo(entries(model));
            assertThat(merged.scanned(false))
                    .as("seed %s, round %s", seed, round)
                    .isEqualTo(entries(model.descendingMap()));
            assertThat(merged.scannedKeys(true))
                    .as("seed %s, round %s", seed, round)
                    .containsExactlyElementsOf(model.keySet());
            assertThat(merged.scannedKeys(false))
                    .as("seed %s, round %s", seed, round)
                    .containsExactlyElementsOf(model.descendingKeySet());
        }
    }

    private final NavigableMap<String, String> indexed = new TreeMap<>();

    private void indexed(String key, String value) throws IOException {
        indexed.put(key, value);
        try (IndexBatch batch = index.newBatch()) {
            batch.put(bytes(key), new Inline(0, bytes(value)));
            index.write(batch, false);
        }
    }

    private void staged(String key, String value) {
        staged.put(bytes(key), value == null ? null : new Inline(0, bytes(value)));
    }

    private StoreScan open(boolean ascending) throws IOException {
        StagedWrites.Snapshot snapshot = staged.openSnapshot();
        StoreScan scan = new StoreScan(
                snapshot,
                snapshot.cursor(KeyRange.ALL, ascending),
                index.openCursor(KeyRange.ALL, ascending),
                pins.take()::close,
                (key, location) -> {
                    valuesRead++;
                    return ((Inline) location).value();
                },
                ascending);
        scan.advance();
        return scan;
    }

    private List<String> scanned(boolean ascending) throws IOException {
        List<String> entries = new ArrayList<>();
        try (StoreScan scan = open(ascending)) {
            for (; scan.isValid(); scan.advance()) {
                entries.add(text(scan.key()) + "=" + text(scan.value()));
            }
        }
        return entries;
    }

    /** Scans the keys of an index whose locations must not be read. */
    private List<String> scannedKeys(boolean ascending) throws IOException {
        List<String> keys = new ArrayList<>();
        StagedWrites.Snapshot snapshot = staged.openSnapshot();
        IndexCursor cursor = new KeysOnly(index.openCursor(KeyRange.ALL, ascending));
        try (KeyScan scan =
                new KeyScan(snapshot, snapshot.cursor(KeyRange.ALL, ascending), cursor, () -> {}, ascending)) {
            for (scan.advance(); scan.isValid(); scan.advance()) {
                keys.add(text(scan.key()));
            }
        }
        return keys;
    }

    /** A cursor that delegates to another one. */
    private static class Wrapped implements IndexCursor {

        final IndexCursor cursor;

        Wrapped(IndexCursor cursor) {
            this.cursor = cursor;
        }

        @Override
        public boolean isValid() throws IndexException {
            return cursor.isValid();
        }

        @Override
        public byte[] key() {
            return cursor.key();
        }

        @Override
        public ValueLocation location() throws IOException {
            return cursor.location();
        }

        @Override
        public void advance() {
            cursor.advance();
        }

        @Override
        public void close() {
            cursor.close();
        }
    }

    /** A cursor without locations. */
    private static final class KeysOnly extends Wrapped {

        KeysOnly(IndexCursor cursor) {
            super(cursor);
        }

        @Override
        public ValueLocation location() {
            throw new AssertionError("a scan of keys needs no location");
        }
    }

    /** A cursor that fails after its first entry, and must not be used after it has failed. */
    private static final class FailsBehindTheFirst extends Wrapped {

        private boolean behind;

        FailsBehindTheFirst(IndexCursor cursor) {
            super(cursor);
        }

        @Override
        public boolean isValid() throws IndexException {
            if (behind) {
                throw new IndexException("unreadable", new IOException());
            }
            return super.isValid();
        }

        @Override
        public ValueLocation location() {
            throw new AssertionError("there is no entry");
        }

        @Override
        public void advance() {
            assertThat(behind).as("it has failed").isFalse();
            behind = true;
        }
    }

    private static List<String> entries(NavigableMap<String, String> model) {
        return model.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .toList();
    }
}

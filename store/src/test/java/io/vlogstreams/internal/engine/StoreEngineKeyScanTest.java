/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.large;
import static io.vlogstreams.internal.engine.TestStore.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.index.KeyRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scans of keys on a whole store, which need no VLog file. A file holds one large value. */
class StoreEngineKeyScanTest {

    @TempDir
    Path temp;

    private TestStore store;

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private TestStore store() {
        return TestStore.in(temp.resolve("store")).maxFile(150);
    }

    @Test
    void stagedAndIndexedKeysAreSeenAndDeletedOnesAreNot() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.put("b", "inline");
        store.put("c", large("1"));
        store.commit(1);
        store.delete("b");
        store.put("d", large("1"));
        assertThat(keys(store.engine().scanKeys(KeyRange.ALL, true))).containsExactly("a", "c", "d");
        assertThat(keys(store.engine().scanKeys(KeyRange.ALL, false))).containsExactly("d", "c", "a");
    }

    @Test
    void aScanOfKeysStandsStill() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("b", large("1"));
        try (KeyScan scan = store.engine().scanKeys(KeyRange.ALL, true)) {
            store.delete("a");
            store.put("c", large("1"));
            store.commit(2);
            store.delete("b");
            assertThat(rest(scan)).containsExactly("a", "b");
        }
    }

    @Test
    void aCommittedScanOfKeysSeesNeitherWhatIsStagedNorWhatIsSpilled() throws IOException {
        store = store().exactlyOnce().committedReads().maxStaged(0).open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        store.put("c", large("1"));
        store.delete("a");
        assertThat(keys(store.engine().scanKeysCommitted(KeyRange.ALL, true))).containsExactly("a", "b");
        assertThat(keys(store.engine().scanKeysCommitted(KeyRange.ALL, false))).containsExactly("b", "a");
        assertThat(keys(store.engine().scanKeys(KeyRange.ALL, true))).containsExactly("b", "c");
    }

    /** Its cursor outlives the view that the store releases with the commit. */
    @Test
    void aCommittedScanOfKeysGoesOnWhenTheStoreHasCommittedMore() throws IOException {
        store = store().exactlyOnce().committedReads().maxStaged(0).open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        store.put("c", large("1"));
        try (KeyScan scan = store.engine().scanKeysCommitted(KeyRange.ALL, true)) {
            store.delete("b");
            store.commit(2);
            assertThat(rest(scan)).containsExactly("a", "b");
        }
    }

    @Test
    void noValueIsRead() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("b", large("1"));
        assertThat(keys(store.engine().scanKeys(KeyRange.ALL, true))).containsExactly("a", "b");
        assertThat(store.engine().statistics().vlog().reads()).isZero();
        store.get("a");
        assertThat(store.engine().statistics().vlog().reads()).isEqualTo(1);
    }

    @Test
    void keysAreThereWithoutTheFilesOfTheirValues() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        store.reopen();
        Files.delete(store.file(1));
        assertThat(keys(store.engine().scanKeys(KeyRange.ALL, true))).containsExactly("a", "b");
    }

    @Test
    void aScanOfKeysHoldsNoFile() throws IOException {
        store = store().committedReads().open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        try (KeyScan scan = store.engine().scanKeys(KeyRange.ALL, true);
                KeyScan committed = store.engine().scanKeysCommitted(KeyRange.ALL, true)) {
            assertThat(store.engine().statistics().space().pins()).isZero();
            store.put("a", large("2"));
            store.delete("b");
            store.commit(2);
            store.engine().deleteObsoleteFiles();
            assertThat(store.fileIds()).containsExactly(3L);
            assertThat(rest(scan)).containsExactly("a", "b");
            assertThat(rest(committed)).containsExactly("a", "b");
        }
    }

    @Test
    void keysOfRandomHistoriesAreThoseOfASet() throws IOException {
        long seed = 20261122;
        Random random = new Random(seed);
        store = store().committedReads().maxStaged(20_000).open();
        NavigableSet<String> model = new TreeSet<>();
        NavigableSet<String> committed = new TreeSet<>();
        for (int step = 1; step <= 2000; step++) {
            String key = "k" + (100 + random.nextInt(60));
            if (random.nextInt(3) == 0) {
                store.delete(key);
                model.remove(key);
            } else {
                store.put(key, random.nextBoolean() ? large(step) : "small");
                model.add(key);
            }
            if (random.nextInt(40) == 0) {
                store.commit(step);
                committed = new TreeSet<>(model);
            }
            if (random.nextInt(8) == 0) {
                check(random, "seed " + seed + ", step " + step, model, committed);
            }
        }
    }

    private void check(Random random, String when, NavigableSet<String> model, NavigableSet<String> committed)
            throws IOException {
        String from = "k" + (100 + random.nextInt(60));
        String to = "k" + (100 + random.nextInt(60));
        boolean reversed = from.compareTo(to) > 0;
        KeyRange range = KeyRange.closed(bytes(reversed ? to : from), bytes(reversed ? from : to));
        boolean ascending = random.nextBoolean();
        assertThat(keys(store.engine().scanKeys(range, ascending)))
                .as(when)
                .containsExactlyElementsOf(within(model, reversed ? to : from, reversed ? from : to, ascending));
        assertThat(keys(store.engine().scanKeysCommitted(range, ascending)))
                .as(when + ", committed")
                .containsExactlyElementsOf(within(committed, reversed ? to : from, reversed ? from : to, ascending));
        assertThat(keys(store.engine().scanKeys(KeyRange.ALL, ascending)))
                .as(when + ", all")
                .containsExactlyElementsOf(ascending ? model : model.descendingSet());
    }

    private static NavigableSet<String> within(NavigableSet<String> keys, String from, String to, boolean ascending) {
        NavigableSet<String> within = keys.subSet(from, true, to, true);
        return ascending ? within : within.descendingSet();
    }

    private static List<String> keys(KeyScan scan) throws IOException {
        try (scan) {
            return rest(scan);
        }
    }

    private static List<String> rest(KeyScan scan) throws IOException {
        List<String> keys = new ArrayList<>();
        for (; scan.isValid(); scan.advance()) {
            keys.add(text(scan.key()));
        }
        return keys;
    }
}

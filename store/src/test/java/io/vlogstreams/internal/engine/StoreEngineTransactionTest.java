/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.large;
import static io.vlogstreams.internal.engine.TestStore.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.index.KeyRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading committed data only, and discarding writes that will not be committed. */
class StoreEngineTransactionTest {

    @TempDir
    Path temp;

    private TestStore store;

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private TestStore store() {
        return TestStore.in(temp.resolve("store"))
                .exactlyOnce()
                .committedReads()
                .maxFile(150);
    }

    private String committed(String key) throws IOException {
        return text(store.engine().getCommitted(bytes(key)));
    }

    private Map<String, String> committed() throws IOException {
        try (StoreScan scan = store.engine().scanCommitted(KeyRange.ALL, true)) {
            return TestStore.rest(scan);
        }
    }

    @Test
    void aCommittedReadDoesNotSeeWhatIsStaged() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("a", large("2"));
        store.put("b", "2");
        assertThat(committed("a")).isEqualTo(large("1"));
        assertThat(committed("b")).isNull();
        assertThat(committed()).containsExactly(Map.entry("a", large("1")));
    }

    @Test
    void aCommittedReadDoesNotSeeWhatWasSpilled() throws IOException {
        store = store().maxStaged(0).open();
        store.put("a", large("1"));
        store.put("b", large("1"));
        store.commit(1);
        for (int i = 2; i < 10; i++) {
            store.put("a", large(i));
            store.put("c", large(i));
            store.engine().deleteObsoleteFiles();
        }
        store.delete("b");
        assertThat(committed("a")).isEqualTo(large("1"));
        assertThat(committed("b")).isEqualTo(large("1"));
        assertThat(committed("c")).isNull();
        assertThat(committed()).containsExactly(Map.entry("a", large("1")), Map.entry("b", large("1")));
        assertThat(store.get("a")).isEqualTo(large("9"));
    }

    /** At-least-once: spilled writes of a killed process count as committed, but later spilled writes do not. */
    @Test
    void afterADirtyOpenACommittedReadDoesNotSeeWhatIsSpilledFromThenOn() throws IOException {
        store = TestStore.in(temp.resolve("store"))
                .inMemory()
                .committedReads()
                .maxStaged(0)
                .open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("a", large("spilled before the kill"));
        store.killAndOpen();
        assertThat(store.engine().commitPoint().dirty()).isTrue();
        store.put("a", large("spilled after it"));
        store.put("b", large("spilled after it"));
        assertThat(committed()).containsExactly(Map.entry("a", large("spilled before the kill")));
        store.commit(2);
        assertThat(committed("a")).isEqualTo(large("spilled after it"));
        assertThat(committed()).containsOnlyKeys("a", "b");
    }

    @Test
    void aCommittedReadSeesWhatIsRestoredAfterADirtyOpen() throws IOException {
        store = TestStore.in(temp.resolve("store"))
                .inMemory()
                .committedReads()
                .maxStaged(0)
                .open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("a", large("spilled"));
        store.killAndOpen();
        store.restore(2, TestStore.write("a", large("restored")));
        assertThat(committed("a")).isEqualTo(large("restored"));
    }

    @Test
    void aCommittedReadSeesACommitAtOnce() throws IOException {
        store = store().maxStaged(0).open();
        store.put("a", large("1"));
        assertThat(committed("a")).isNull();
        store.commit(1);
        assertThat(committed("a")).isEqualTo(large("1"));
        assertThat(committed()).containsOnlyKeys("a");
    }

    @Test
    void aCommittedScanStaysAsItWasOpened() throws IOException {
        store = store().maxStaged(0).open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("a", large("2"));
        try (StoreScan scan = store.engine().scanCommitted(KeyRange.ALL, true)) {
            store.commit(2);
            store.put("a", large("3"));
            store.commit(3);
            store.engine().deleteObsoleteFiles();
            assertThat(TestStore.rest(scan)).containsExactly(Map.entry("a", large("1")));
        }
        assertThat(committed("a")).isEqualTo(large("3"));
    }

    @Test
    void theFilesOfTheCommittedStateStayUntilTheNextCommit() throws IOException {
        store = store().maxStaged(0).open();
        store.put("a", large("1"));
        store.commit(1);
        for (int i = 2; i < 6; i++) {
            store.put("a", large(i));
        }
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).contains(1L);
        store.commit(2);
        store.engine().deleteObsoleteFiles();
        assertThat(store.fileIds()).containsExactly(5L);
    }

    @Test
    void aCommittedReadDoesNotSeeWhatIsCommittedUnconfirmedUntilItIsConfirmed() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("a", large("2"));
        store.engine().commitUnconfirmed(Map.of(TestStore.CHANGELOG, 2L), TestStore.NO_POSITION);
        assertThat(committed("a")).isEqualTo(large("1"));
        assertThat(store.engine().commitPoint().dirty()).isTrue();
        store.put("b", large("3"));
        assertThat(committed()).containsExactly(Map.entry("a", large("2")));
        assertThat(store.engine().commitPoint().dirty()).isFalse();
    }

    @Test
    void aRestoredBatchConfirmsWhatWasCommittedBefore() throws IOException {
        store = store().inMemory().open();
        store.put("a", large("1"));
        store.engine().commitUnconfirmed(Map.of(TestStore.CHANGELOG, 1L), TestStore.NO_POSITION);
        store.restore(2, TestStore.write("b", large("2")));
        assertThat(store.engine().commitPoint().dirty()).isFalse();
        assertThat(committed()).containsOnlyKeys("a", "b");
        store.killAndOpen();
        assertThat(store.contents()).containsOnlyKeys("a");
        assertThat(store.committedOffset()).isEqualTo(1);
    }

    @Test
    void aRollBackForgetsWhatIsStaged() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.put("b", "1");
        store.commit(1);
        store.put("a", large("2"));
        store.delete("b");
        store.put("c", large("2"));
        store.engine().rollBack(false);
        assertThat(store.contents()).containsExactly(Map.entry("a", large("1")), Map.entry("b", "1"));
        assertThat(store.committedOffset()).isEqualTo(1);
    }

    @Test
    void aStoreGoesOnAfterARollBack() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        store.engine().rollBack(false);
        store.put("b", large("2"));
        store.commit(1);
        store.reopen();
        assertThat(store.contents()).containsExactly(Map.entry("b", large("2")));
        store.checkLiveBytes("after a rollback");
    }

    @Test
    void aScanOpenedBeforeARollBackStaysAsItWas() throws IOException {
        store = store().open();
        store.put("a", large("1"));
        try (StoreScan scan = store.scan()) {
            store.engine().rollBack(false);
            store.put("b", large("2"));
            store.commit(1);
            assertThat(TestStore.rest(scan)).containsExactly(Map.entry("a", large("1")));
        }
    }

    @Test
    void afterARollBackOfSpilledWritesTheStoreTakesNoMore() throws IOException {
        store = store().maxStaged(0).open();
        store.put("a", large("1"));
        store.commit(1);
        store.put("a", large("2"));
        store.engine().rollBack(false);
        assertThatThrownBy(() -> store.put("b", "3")).isInstanceOf(DirtyStoreException.class);
        assertThatThrownBy(() -> store.commit(2)).isInstanceOf(DirtyStoreException.class);
        store.close();
        assertThat(store.open().contents()).isEmpty();
        assertThat(store.committedOffset()).isEqualTo(-4);
    }
}

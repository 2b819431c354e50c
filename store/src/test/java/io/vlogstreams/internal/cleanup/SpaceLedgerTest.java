/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.cleanup.SpaceLedger.Change;
import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.IndexException;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SpaceLedgerTest {

    private static final long RECORD_BYTES = separated(1).pointer().recordBytes();

    private final SpaceLedger ledger = new SpaceLedger(new TreeMap<>(Map.of(1L, 1000L, 2L, RECORD_BYTES)));
    private final MemoryIndex index = new MemoryIndex();

    @Test
    void aFileThatNothingNamesHasNoLiveBytes() {
        assertThat(ledger.liveBytes(9)).isZero();
    }

    @Test
    void liveBytesOfAllFilesAreTheSum() {
        assertThat(ledger.liveBytes()).isEqualTo(1000 + RECORD_BYTES);
    }

    @Test
    void aNewLocationAddsItsRecord() throws IndexException {
        apply(change -> change.replaced(null, separated(3)));
        assertThat(ledger.liveBytes(3)).isEqualTo(RECORD_BYTES);
        assertThat(index.liveBytes()).isEqualTo(Map.of(3L, RECORD_BYTES));
    }

    @Test
    void anOldLocationTakesItsRecordAway() throws IndexException {
        apply(change -> change.replaced(separated(1), null));
        assertThat(ledger.liveBytes(1)).isEqualTo(1000 - RECORD_BYTES);
    }

    @Test
    void aReplacedLocationMovesTheBytes() throws IndexException {
        apply(change -> change.replaced(separated(1), separated(3)));
        assertThat(ledger.snapshot()).isEqualTo(Map.of(1L, 1000 - RECORD_BYTES, 2L, RECORD_BYTES, 3L, RECORD_BYTES));
    }

    @Test
    void aFileWithoutLiveBytesIsForgotten() throws IndexException {
        apply(change -> change.replaced(separated(2), null));
        assertThat(ledger.snapshot()).containsOnlyKeys(1L);
    }

    @Test
    void inlineValuesTakeNoSpaceInFiles() throws IndexException {
        apply(change -> change.replaced(null, new Inline(0, new byte[100])));
        assertThat(ledger.liveBytes()).isEqualTo(1000 + RECORD_BYTES);
        assertThat(index.liveBytes()).isEmpty();
    }

    @Test
    void aChangeThatIsNotAppliedChangesNothing() throws IndexException {
        Change change = ledger.newChange();
        change.replaced(separated(1), separated(3));
        try (IndexBatch batch = index.newBatch()) {
            change.addTo(batch);
        }
        assertThat(ledger.snapshot()).isEqualTo(Map.of(1L, 1000L, 2L, RECORD_BYTES));
    }

    @Test
    void moreObsoleteThanLiveBytesIsImplausibleUntilItIsNoLonger() {
        assertThat(ledger.isImplausible()).isFalse();
        Change change = ledger.newChange();
        change.replaced(separated(9), null);
        change.applied();
        assertThat(ledger.isImplausible()).isTrue();
        Change correction = ledger.newChange();
        correction.replaced(null, separated(9));
        correction.applied();
        assertThat(ledger.isImplausible()).isFalse();
        assertThat(ledger.liveBytes()).isEqualTo(1000 + RECORD_BYTES);
    }

    @Test
    void aReplacedRecordIsDeadOnceItIsInTheIndex() {
        Change change = ledger.newChange();
        change.replaced(separated(1), separated(3));
        assertThat(isDead(separated(1))).isFalse();
        change.applied();
        assertThat(isDead(separated(1))).isTrue();
        assertThat(isDead(separated(3))).isFalse();
    }

    @Test
    void deadRecordsAreForgottenWithTheirFileOnly() throws IndexException {
        apply(change -> change.replaced(separated(2), null));
        assertThat(isDead(separated(2))).isTrue();
        ledger.forget(2);
        assertThat(isDead(separated(2))).isFalse();
    }

    private boolean isDead(Separated location) {
        Offsets.Sorted dead = ledger.watch(location.pointer().fileId()).dead();
        ledger.unwatch(location.pointer().fileId());
        return dead.contains(location.pointer().offset());
    }

    @Test
    void ofTheMovesOfWatchedFilesThoseAreLeftWhoseRecordsDidNotDie() throws IndexException {
        ledger.watch(1);
        ledger.watch(2);
        Move died = move(separated(1, 31));
        Move lives = move(separated(1, 200));
        Move livesInAnother = move(separated(2, 31));
        apply(change -> change.replaced(died.from(), separated(3)));
        assertThat(ledger.stillLive(List.of(died, lives, livesInAnother)))
                .containsExactlyInAnyOrder(lives, livesInAnother);
        apply(change -> change.replaced(lives.from(), null));
        assertThat(ledger.stillLive(List.of(lives))).isEmpty();
        assertThat(ledger.stillLive(List.of())).isEmpty();
    }

    @Test
    void theCopyOfARecordThatDiedIsDeadFromTheBeginning() throws IndexException {
        ledger.watch(1);
        Move died = move(separated(1, 31));
        apply(change -> change.replaced(died.from(), separated(3)));
        assertThat(isDead(died.to())).isFalse();
        ledger.stillLive(List.of(died));
        assertThat(isDead(died.to())).isTrue();
    }

    @Test
    void aRecordThatIsNeverNamedIsDeadAndChangesNothingElse() {
        ledger.neverNamed(separated(3).pointer());
        assertThat(isDead(separated(3))).isTrue();
        assertThat(ledger.liveBytes(3)).isZero();
        assertThat(liveSum(3)).isZero();
    }

    private Long liveSum(long fileId) {
        Long sum = ledger.watch(fileId).liveSum();
        ledger.unwatch(fileId);
        return sum;
    }

    @Test
    void theSumOfLiveRecordsFollowsTheIndex() throws IndexException {
        Separated first = separated(3, 31);
        Separated second = separated(3, 200);
        apply(change -> {
            change.replaced(null, first);
            change.replaced(null, second);
        });
        assertThat(liveSum(3)).isEqualTo(Fingerprint.of(first) + Fingerprint.of(second));
        apply(change -> change.replaced(first, separated(4)));
        assertThat(liveSum(3)).isEqualTo(Fingerprint.of(second));
        apply(change -> change.replaced(second, null));
        assertThat(liveSum(3)).isZero();
    }

    @Test
    void theSumIsNotKnownOfAFileThatHadLiveRecordsBefore() throws IndexException {
        assertThat(liveSum(2)).isNull();
        apply(change -> change.replaced(null, separated(2, 200)));
        assertThat(liveSum(2)).isNull();
        apply(change -> change.replaced(separated(2), null));
        assertThat(liveSum(2)).isNull();
    }

    @Test
    void theSumIsForgottenWithTheFile() throws IndexException {
        apply(change -> change.replaced(null, separated(3)));
        ledger.forget(3);
        assertThat(liveSum(3)).isZero();
    }

    @Test
    void whoMovesWithoutAWatchIsRefused() {
        assertThatThrownBy(() -> ledger.stillLive(List.of(move(separated(1)))))
                .isInstanceOf(IllegalStateException.class);
    }

    private static Move move(Separated from) {
        return new Move(new byte[3], from, separated(9));
    }

    private interface Changes {
        void addTo(Change change);
    }

    private void apply(Changes changes) throws IndexException {
        Change change = ledger.newChange();
        changes.addTo(change);
        try (IndexBatch batch = index.newBatch()) {
            change.addTo(batch);
            index.write(batch, false);
        }
        change.applied();
    }

    private static Separated separated(long fileId) {
        return separated(fileId, 31);
    }

    private static Separated separated(long fileId, long offset) {
        return new Separated(0, new ValuePointer(fileId, offset, 3, 50, 0));
    }
}

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
import io.vlogstreams.internal.index.LiveRecords;
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

    private SpaceLedger ledger = new SpaceLedger(new TreeMap<>(
            Map.of(1L, new LiveRecords(1000, 17), 2L, new LiveRecords(RECORD_BYTES, Fingerprint.of(separated(2))))));
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
        assertThat(index.live()).isEqualTo(Map.of(3L, new LiveRecords(RECORD_BYTES, Fingerprint.of(separated(3)))));
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
        assertThat(index.live()).isEmpty();
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
    void somethingLiveInNoBytesIsImplausible() {
        Change change = ledger.newChange();
        change.replaced(separated(2, 200), null); // another one of the same length as the live one
        change.applied();
        assertThat(ledger.liveBytes(2)).isZero();
        assertThat(ledger.isImplausible()).isTrue();
    }

    @Test
    void aReplacedRecordIsDeadOnceItIsInTheIndex() throws IndexException {
        assertThat(isDead(separated(1))).isFalse();
        apply(change -> change.replaced(separated(1), separated(3)));
        assertThat(isDead(separated(1))).isTrue();
        assertThat(isDead(separated(3))).isFalse();
        assertThat(isDead(separated(1, 200))).isFalse();
    }

    @Test
    void deadRecordsAreForgottenWithTheNextWriteAfterTheirFileIsGone() throws IndexException {
        apply(change -> change.replaced(separated(2), null));
        ledger.neverNamed(separated(2, 200).pointer());
        ledger.forget(2);
        assertThat(isDead(separated(2))).isTrue();
        apply(change -> {});
        assertThat(index.filesWithDead()).isEmpty();
    }

    @Test
    void recordsOfAFileThatIsGoneKeepNoOthersFromBeingListed() throws IndexException {
        for (int i = 0; i < 1 << 20; i++) {
            ledger.neverNamed(separated(2, 31 + 100L * i).pointer());
        }
        ledger.forget(2);
        ledger.neverNamed(separated(3).pointer());
        apply(change -> {});
        assertThat(isDead(separated(3))).isTrue();
        assertThat(index.filesWithDead()).containsExactly(3L);
    }

    @Test
    void aFileThatWentDuringAWriteIsForgottenByTheNext() throws IndexException {
        apply(change -> change.replaced(separated(2), null));
        apply(change -> ledger.forget(2));
        assertThat(index.filesWithDead()).containsExactly(2L);
        apply(change -> {});
        assertThat(index.filesWithDead()).isEmpty();
    }

    private boolean isDead(Separated location) {
        return index.known(location.pointer().fileId())
                .isDead(location.pointer().offset());
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
        apply(change -> {});
        assertThat(isDead(died.to())).isTrue();
    }

    @Test
    void aRecordThatIsNeverNamedIsListedByTheNextCommitAndChangesNothingElse() throws IndexException {
        ledger.neverNamed(separated(3).pointer());
        Change move = ledger.newChange();
        try (IndexBatch batch = index.newBatch()) {
            move.addTo(batch);
            index.write(batch, false);
        }
        assertThat(isDead(separated(3)))
                .as("it may lie after the end of the log")
                .isFalse();
        apply(change -> {});
        assertThat(isDead(separated(3))).isTrue();
        assertThat(ledger.liveBytes(3)).isZero();
        assertThat(index.live()).doesNotContainKey(3L);
    }

    @Test
    void theSumOfLiveRecordsFollowsTheIndexAndIsThereAfterAnOpening() throws IndexException {
        Separated first = separated(3, 31);
        Separated second = separated(3, 200);
        apply(change -> {
            change.replaced(null, first);
            change.replaced(null, second);
        });
        assertThat(index.live().get(3L).fingerprints()).isEqualTo(Fingerprint.of(first) + Fingerprint.of(second));
        ledger = new SpaceLedger(index.live());
        apply(change -> change.replaced(first, separated(4)));
        assertThat(index.live().get(3L).fingerprints()).isEqualTo(Fingerprint.of(second));
        apply(change -> change.replaced(second, null));
        assertThat(index.live()).doesNotContainKey(3L);
    }

    @Test
    void whatDiedBeforeTheFirstMoveIsForgotten() throws IndexException {
        ledger.watch(1);
        Move early = move(separated(1, 31));
        Move late = move(separated(1, 200));
        apply(change -> change.replaced(early.from(), null));
        assertThat(ledger.stillLive(List.of(late))).containsExactly(late);
        assertThat(ledger.stillLive(List.of(early))).containsExactly(early);
    }

    @Test
    void aNewWatchBeginsWithNothing() throws IndexException {
        ledger.watch(1);
        Move died = move(separated(1));
        apply(change -> change.replaced(died.from(), null));
        ledger.unwatch(1);
        ledger.watch(1);
        assertThat(ledger.stillLive(List.of(died))).containsExactly(died);
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
            change.addDeadTo(batch);
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

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CopiesTest {

    private static final int FILE_BYTES = 1 << 20;

    private final SpaceLedger ledger = new SpaceLedger(new TreeMap<>());
    private final Writer writer = new Writer();
    private final Copies copies = new Copies(writer, ledger);
    private long offset = 31;

    @BeforeEach
    void begin() {
        copies.begin(1);
    }

    private Move copyOf(long fileId, int valueBytes) {
        ValuePointer from = new ValuePointer(fileId, offset, 3, valueBytes, 0);
        ValuePointer to = new ValuePointer(9, offset, 3, valueBytes, 0);
        offset += from.recordBytes();
        return new Move(new byte[3], new Separated(0, from), new Separated(0, to));
    }

    private void copy(int count, int valueBytes) {
        for (int i = 0; i < count; i++) {
            copies.add(List.of(copyOf(1, valueBytes)));
        }
    }

    private boolean isWatched(long fileId) {
        try {
            ledger.stillLive(List.of(copyOf(fileId, 1)));
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @Test
    void thereIsNothingToMoveAtFirst() throws IOException {
        assertThat(copies.isEmpty()).isTrue();
        assertThat(copies.isMoveDue()).isFalse();
        assertThat(copies.move().moves()).isEmpty();
        assertThat(writer.moved).isEmpty();
    }

    @Test
    void theirBytesAreThoseOfTheCopies() {
        Move first = copyOf(1, 100);
        Move second = copyOf(1, 50);
        assertThat(copies.add(List.of(first, second))).isEqualTo(first.bytes() + second.bytes());
    }

    @Test
    void manyCopiesAreWorthAWrite() {
        copy(1023, 20);
        assertThat(copies.isMoveDue()).isFalse();
        copy(1, 20);
        assertThat(copies.isMoveDue()).isTrue();
    }

    @Test
    void largeCopiesAreWorthAWrite() {
        copy(3, 1 << 20);
        assertThat(copies.isMoveDue()).isFalse();
        copy(1, 1 << 20);
        assertThat(copies.isMoveDue()).isTrue();
    }

    @Test
    void aFinishedFileIsWorthAWrite() throws IOException {
        copy(1, 20);
        assertThat(copies.isMoveDue()).isFalse();
        copies.finish(1, FILE_BYTES);
        assertThat(copies.isMoveDue()).isTrue();
        assertThat(copies.isFinished(1)).isTrue();
        assertThat(copies.isFinished(2)).isFalse();
        assertThat(copies.finishedBytes()).isEqualTo(FILE_BYTES);
        Copies.Moved moved = copies.move();
        assertThat(moved.finishedFiles()).containsExactly(1L);
        assertThat(moved.moves()).isEqualTo(writer.moved).hasSize(1);
        assertThat(copies.isEmpty()).isTrue();
        assertThat(copies.finishedBytes()).isZero();
    }

    @Test
    void aCommitIsNotWaitedForUntilThereAreTooMany() {
        writer.committing = true;
        copy(16_383, 20);
        copies.finish(1, FILE_BYTES);
        assertThat(copies.isMoveDue()).isFalse();
        copy(1, 20);
        assertThat(copies.isMoveDue()).isTrue();
    }

    @Test
    void aCommitIsNotWaitedForUntilTheyAreTooLarge() {
        writer.committing = true;
        copy(31, 1 << 20);
        assertThat(copies.isMoveDue()).isFalse();
        copy(1, 1 << 20);
        assertThat(copies.isMoveDue()).isTrue();
        writer.committing = false;
        assertThat(copies.isMoveDue()).isTrue();
    }

    @Test
    void aFileIsWatchedUntilItsLastCopiesAreMoved() throws IOException {
        copy(1, 20);
        copies.move();
        assertThat(isWatched(1)).isTrue();
        copies.begin(2);
        copies.finish(1, FILE_BYTES);
        assertThat(isWatched(1)).isTrue();
        copies.move();
        assertThat(isWatched(1)).isFalse();
        assertThat(isWatched(2)).isTrue();
    }

    @Test
    void aFileWithoutCopiesIsFinishedWithoutAWrite() throws IOException {
        copies.finish(1, FILE_BYTES);
        assertThat(copies.isEmpty()).isFalse();
        assertThat(copies.move().finishedFiles()).containsExactly(1L);
        assertThat(writer.moved).isEmpty();
        assertThat(isWatched(1)).isFalse();
    }

    @Test
    void copiesThatTheIndexDoesNotTakeAreForgottenAndItIsAskedBeforeThereAreMore() throws IOException {
        copies.checkIndexTakesMoves();
        assertThat(writer.calls).isZero();
        copy(1, 20);
        copies.finish(1, FILE_BYTES);
        writer.failure = new IOException("full");
        assertThatThrownBy(copies::move).isSameAs(writer.failure);
        assertThat(copies.isEmpty()).isTrue();
        assertThat(isWatched(1)).isFalse();
        assertThatThrownBy(copies::checkIndexTakesMoves).isSameAs(writer.failure);
        writer.failure = null;
        copies.checkIndexTakesMoves();
        assertThat(writer.calls).isEqualTo(3);
        copies.checkIndexTakesMoves();
        assertThat(writer.calls).isEqualTo(3);
        assertThat(writer.moved).isEmpty();
    }

    @Test
    void whatIsForgottenIsNotMoved() throws IOException {
        copy(1, 20);
        copies.finish(1, FILE_BYTES);
        copies.giveUp();
        assertThat(copies.move().moves()).isEmpty();
        assertThat(writer.moved).isEmpty();
        assertThat(isWatched(1)).isFalse();
    }

    private static final class Writer implements StoreWriter {

        private final List<Move> moved = new ArrayList<>();
        private boolean committing;
        private IOException failure;
        private int calls;

        @Override
        public boolean isCommitting() {
            return committing;
        }

        @Override
        public void move(List<Move> moves) throws IOException {
            calls++;
            if (failure != null) {
                throw failure;
            }
            moved.addAll(moves);
        }

        @Override
        public void sealObsoleteShortLived() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isStaged(long fileId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void release(long fileId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Snapshot snapshot() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void indexIsLost(IOException cause) {
            throw new UnsupportedOperationException();
        }
    }
}

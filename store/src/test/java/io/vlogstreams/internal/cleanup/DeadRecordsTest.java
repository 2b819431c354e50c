/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DeadRecordsTest {

    private final DeadRecords dead = new DeadRecords(100);

    private static Offsets at(long... offsets) {
        Offsets all = new Offsets();
        LongStream.of(offsets).forEach(all::add);
        return all;
    }

    /** A watch of no length. */
    private Offsets.Sorted known(long fileId) {
        Offsets.Sorted known = dead.watch(fileId);
        dead.unwatch(fileId);
        return known;
    }

    @Test
    void nothingIsKnownOfAFileAtFirst() {
        assertThat(known(1).contains(31)).isFalse();
    }

    @Test
    void whatWasAddedIsDeadInItsFileOnly() {
        dead.add(1, at(500, 31));
        dead.add(1, at(200));
        dead.add(2, at(300));
        Offsets.Sorted first = known(1);
        assertThat(LongStream.of(31, 200, 300, 500).filter(first::contains)).containsExactly(31L, 200L, 500L);
        assertThat(known(2).contains(300)).isTrue();
    }

    @Test
    void noMoreThanTheBoundIsRememberedAndAFileThatGoesMakesRoom() {
        dead.add(1, at(LongStream.range(0, 99).map(i -> i * 100).toArray()));
        dead.add(2, at(31, 200));
        assertThat(known(2).contains(31)).isFalse();
        assertThat(known(1).contains(100)).isTrue();
        dead.forget(1);
        assertThat(known(1).contains(100)).isFalse();
        dead.add(3, at(31, 200));
        assertThat(known(3).contains(31)).isTrue();
    }

    @Test
    void ofAFileOfWhichSomethingHadNoRoomNothingIsRememberedUntilItIsGone() {
        dead.add(1, at(31));
        dead.add(1, at(LongStream.range(0, 100).map(i -> i * 100).toArray()));
        assertThat(known(1).contains(31)).isFalse();
        dead.add(1, at(200));
        assertThat(known(1).contains(200)).isFalse();
        dead.forget(1);
        dead.add(1, at(200));
        assertThat(known(1).contains(200)).isTrue();
    }

    @Test
    void aFileThatIsGivenUpMakesRoom() {
        dead.add(1, at(LongStream.range(0, 60).map(i -> i * 100).toArray()));
        dead.add(1, at(LongStream.range(60, 120).map(i -> i * 100).toArray()));
        dead.add(2, at(LongStream.range(0, 100).map(i -> i * 100).toArray()));
        assertThat(known(2).contains(9900)).isTrue();
    }

    @Test
    void aFileOfWhichNothingIsKnownCanBeForgotten() {
        dead.forget(7);
        dead.add(1, at(31));
        assertThat(known(1).contains(31)).isTrue();
    }

    @Test
    void aWatchKnowsWhatDiedBeforeItAndWhatDiedSince() {
        dead.add(1, at(31));
        Offsets.Sorted before = dead.watch(1);
        dead.add(1, at(200));
        dead.add(2, at(300));
        assertThat(LongStream.of(31, 200, 300).filter(before::contains)).containsExactly(31L);
        Offsets.Sorted since = dead.sinceWatched(1, 0);
        assertThat(LongStream.of(31, 200, 300).filter(since::contains)).containsExactly(200L);
    }

    @Test
    void whatDiesInAWatchedFileIsRememberedWhateverTheBound() {
        dead.add(1, at(LongStream.range(0, 100).map(i -> i * 100).toArray()));
        dead.watch(2);
        dead.add(2, at(LongStream.range(0, 300).map(i -> i * 100).toArray()));
        Offsets.Sorted since = dead.sinceWatched(2, 0);
        assertThat(LongStream.range(0, 300).map(i -> i * 100)).allMatch(since::contains);
    }

    @Test
    void whatIsNotAskedForAgainIsForgotten() {
        dead.watch(1);
        dead.add(1, at(31, 200, 300));
        assertThat(dead.sinceWatched(1, 200).contains(200)).isTrue();
        assertThat(dead.sinceWatched(1, 31).contains(31)).isFalse();
        dead.add(1, at(500));
        assertThat(dead.sinceWatched(1, 300).contains(500)).isTrue();
    }

    @Test
    void aNewWatchBeginsWithNothing() {
        dead.watch(1);
        dead.add(1, at(31));
        dead.unwatch(1);
        dead.add(1, at(200));
        dead.watch(1);
        assertThat(LongStream.of(31, 200).filter(dead.sinceWatched(1, 0)::contains))
                .isEmpty();
    }

    @Test
    void ofAFileThatIsNotWatchedIsNotSaidWhatDied() {
        dead.add(1, at(31));
        assertThatThrownBy(() -> dead.sinceWatched(1, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("file 1");
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cached index answers like the index itself, whatever happens in between. */
class CachedLocationIndexTest {

    private static final long LARGE = 8 << 20;
    private static final byte[] KEY = {1};
    private static final byte[] OTHER = {2};

    private final AskedIndex index = new AskedIndex();
    private final LocationIndex cached = over(LARGE);

    private LocationIndex over(long bytes) {
        try {
            return CachedLocationIndex.over(index, bytes, new DirectMemory(Long.MAX_VALUE));
        } catch (IndexException e) {
            throw new AssertionError(e);
        }
    }

    private static Separated separated(byte[] key, int number) {
        return new Separated(0, new ValuePointer(number, number, key.length, number, number));
    }

    private static Inline inline(int number) {
        return new Inline(0, new byte[] {(byte) number});
    }

    private interface Content {
        void addTo(IndexBatch batch) throws IndexException;
    }

    private static void write(LocationIndex to, Content content) throws IndexException {
        try (IndexBatch batch = to.newBatch()) {
            content.addTo(batch);
            to.write(batch, false);
        }
    }

    private static void put(LocationIndex to, byte[] key, ValueLocation location) throws IndexException {
        write(to, batch -> batch.put(key, location));
    }

    /** Puts without the cache noticing, which shows whether the cache asks the index. */
    private void putUnseen(byte[] key, ValueLocation location) throws IndexException {
        put(index, key, location);
    }

    private Separated separatedOf(byte[] key) throws IOException {
        return cached.separated(List.of(key)).get(0);
    }

    @Test
    void whatWasWrittenIsNotLookedUp() throws IOException {
        put(cached, KEY, separated(KEY, 1));
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 1));
        assertThat(separatedOf(KEY)).isEqualTo(separated(KEY, 1));
        put(cached, KEY, separated(KEY, 2));
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 2));
        assertThat(index.asked()).isZero();
    }

    @Test
    void whatWasReadIsNotLookedUpAgain() throws IOException {
        putUnseen(KEY, separated(KEY, 1));
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 1));
        assertThat(index.asked()).isEqualTo(1);
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 1));
        assertThat(index.asked()).isZero();
    }

    @Test
    void inlineValuesAndKeysThatAreNotThereAreLookedUp() throws IOException {
        put(cached, KEY, inline(1));
        assertThat(cached.get(KEY)).isEqualTo(inline(1));
        assertThat(cached.get(OTHER)).isNull();
        assertThat(index.asked()).isEqualTo(2);
    }

    @Test
    void aDeletionAndAnInlineValueReplaceALocation() throws IOException {
        put(cached, KEY, separated(KEY, 1));
        put(cached, OTHER, separated(OTHER, 1));
        write(cached, batch -> {
            batch.delete(KEY);
            batch.put(OTHER, inline(2));
        });
        assertThat(cached.get(KEY)).isNull();
        assertThat(cached.get(OTHER)).isEqualTo(inline(2));
        assertThat(cached.separated(List.of(KEY, OTHER))).containsOnlyNulls();
    }

    @Test
    void theLastChangeOfAKeyInABatchCounts() throws IOException {
        write(cached, batch -> {
            batch.put(KEY, separated(KEY, 1));
            batch.delete(KEY);
            batch.delete(OTHER);
            batch.put(OTHER, separated(OTHER, 2));
        });
        assertThat(cached.get(KEY)).isNull();
        assertThat(cached.get(OTHER)).isEqualTo(separated(OTHER, 2));
    }

    @Test
    void aBatchThatIsNotWrittenChangesNothing() throws IOException {
        put(cached, KEY, separated(KEY, 1));
        try (IndexBatch batch = cached.newBatch()) {
            batch.put(KEY, separated(KEY, 2));
        }
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 1));
    }

    @Test
    void aWriteInTheMiddleOfALookupIsNotHiddenByWhatThatFound() throws IOException {
        putUnseen(KEY, separated(KEY, 1));
        index.afterNextLookup(() -> put(cached, KEY, separated(KEY, 2)));
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 1));
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 2));
        assertThat(separatedOf(KEY)).isEqualTo(separated(KEY, 2));
    }

    @Test
    void aDeletionInTheMiddleOfALookupIsNotHiddenByWhatThatFound() throws IOException {
        putUnseen(KEY, separated(KEY, 1));
        index.afterNextLookup(() -> write(cached, batch -> batch.delete(KEY)));
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 1));
        assertThat(cached.get(KEY)).isNull();
        assertThat(separatedOf(KEY)).isNull();
    }

    @Test
    void aFailingWriteInTheMiddleOfALookupIsNotHiddenByWhatThatFound() throws IOException {
        putUnseen(KEY, separated(KEY, 1));
        index.afterWrites(CachedLocationIndexTest::fail);
        index.afterNextLookup(() ->
                assertThatThrownBy(() -> put(cached, KEY, separated(KEY, 2))).isInstanceOf(IndexException.class));
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 1));
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 2));
    }

    @Test
    void clearingInTheMiddleOfALookupIsNotHiddenByWhatThatFound() throws IOException {
        putUnseen(KEY, separated(KEY, 1));
        index.afterNextLookup(() -> cached.clear(CommitPoint.empty(new byte[] {0})));
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 1));
        assertThat(cached.get(KEY)).isNull();
        assertThat(separatedOf(KEY)).isNull();
    }

    /** Staged writes do not hide committed reads, so those must not return data from before a commit. */
    @Test
    void whileItIsWrittenTheIndexItselfIsAsked() throws IOException {
        put(cached, KEY, separated(KEY, 1));
        List<ValueLocation> seen = new ArrayList<>();
        index.beforeWrites(() -> seen.addAll(lookUp()));
        index.afterWrites(() -> seen.addAll(lookUp()));
        put(cached, KEY, separated(KEY, 2));
        assertThat(seen).containsExactly(separated(KEY, 1), separated(KEY, 1), separated(KEY, 2), separated(KEY, 2));
        assertThat(index.asked()).isEqualTo(4);
    }

    private List<ValueLocation> lookUp() throws IndexException {
        try {
            return Arrays.asList(cached.get(KEY), separatedOf(KEY));
        } catch (IOException e) {
            throw new IndexException("not from here", e);
        }
    }

    private static void fail() throws IndexException {
        throw new IndexException("told to fail");
    }

    /** The failed write may or may not have reached the index. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void afterAFailedWriteTheIndexIsAskedUntilTheNextAndWhatWasCachedIsForgotten(boolean written) throws IOException {
        put(cached, KEY, separated(KEY, 1));
        put(cached, OTHER, separated(OTHER, 1));
        if (written) {
            index.afterWrites(CachedLocationIndexTest::fail);
        } else {
            index.beforeWrites(CachedLocationIndexTest::fail);
        }
        assertThatThrownBy(() -> put(cached, KEY, separated(KEY, 2))).hasMessage("told to fail");
        index.beforeWrites(() -> {});
        index.afterWrites(() -> {});
        Separated expected = separated(KEY, written ? 2 : 1);
        assertThat(cached.get(KEY)).isEqualTo(expected);
        assertThat(separatedOf(KEY)).isEqualTo(expected);
        assertThat(index.asked()).isEqualTo(2);
        put(cached, OTHER, separated(OTHER, 3));
        assertThat(separatedOf(KEY)).isEqualTo(expected);
        assertThat(cached.get(KEY)).isEqualTo(expected);
        assertThat(index.asked()).isEqualTo(2);
        assertThat(cached.get(OTHER)).isEqualTo(separated(OTHER, 3));
        assertThat(index.asked()).isZero();
    }

    @Test
    void ofAnIndexWithoutSeparatedLocationsNothingIsLookedUp() throws IOException {
        putUnseen(KEY, inline(1));
        LocationIndex later = over(LARGE);
        assertThat(later.separated(List.of(KEY, OTHER))).containsOnlyNulls();
        put(later, KEY, separated(KEY, 1));
        assertThat(later.separated(List.of(KEY, OTHER))).containsExactly(separated(KEY, 1), null);
        write(later, batch -> batch.delete(KEY));
        assertThat(later.separated(List.of(KEY))).containsOnlyNulls();
        assertThat(index.asked()).isZero();
    }

    @Test
    void ofAnIndexThatMayHoldSeparatedLocationsWhatIsNotCachedIsLookedUp() throws IOException {
        write(index, batch -> {
            batch.put(KEY, separated(KEY, 1));
            batch.live(1, new LiveRecords(100, 1));
        });
        LocationIndex later = over(LARGE);
        assertThat(later.separated(List.of(KEY, OTHER))).containsExactly(separated(KEY, 1), null);
        assertThat(index.asked()).isEqualTo(2);
    }

    /** Its live bytes may be wrong, which a recount would reveal only later. */
    @Test
    void ofAnIndexThatWasNotClosedInOrderWhatIsNotCachedIsLookedUp() throws IOException {
        CommitPoint uncounted = CommitPoint.empty(new byte[] {0})
                .withTail(CommitPoint.empty(new byte[] {0}).tail());
        write(index, batch -> {
            batch.put(KEY, separated(KEY, 1));
            batch.commitPoint(uncounted);
        });
        assertThat(over(LARGE).separated(List.of(KEY))).containsExactly(separated(KEY, 1));
        write(index, batch -> batch.commitPoint(uncounted.asCounted()));
        index.asked();
        assertThat(over(LARGE).separated(List.of(OTHER))).containsOnlyNulls();
        assertThat(index.asked()).isZero();
    }

    /** A store that is only read does not make its cache larger. */
    @Test
    void whatAnOpenedIndexHoldsHasRoomToBeReadInto() throws IOException {
        int keys = 5000;
        write(index, batch -> {
            for (int i = 0; i < keys; i++) {
                batch.put(numbered(i), separated(numbered(i), i));
            }
            batch.live(1, new LiveRecords(keys * 1024L, 1));
        });
        LocationIndex later = over(LARGE);
        for (int round = 1; round <= 2; round++) {
            index.asked();
            for (int i = 0; i < keys; i++) {
                assertThat(later.get(numbered(i))).isEqualTo(separated(numbered(i), i));
            }
        }
        assertThat(index.asked()).isLessThan(keys / 100);
    }

    private static byte[] numbered(int number) {
        return new byte[] {(byte) (number >> 8), (byte) number};
    }

    @Test
    void ofAnEmptiedIndexNothingIsLookedUp() throws IOException {
        write(index, batch -> batch.live(1, new LiveRecords(100, 1)));
        LocationIndex later = over(LARGE);
        put(later, KEY, separated(KEY, 1));
        later.clear(CommitPoint.empty(new byte[] {0}));
        assertThat(later.separated(List.of(KEY, OTHER))).containsOnlyNulls();
        assertThat(index.asked()).isZero();
    }

    @Test
    void whatDoesNotFitIsLookedUpFromThenOn() throws IOException {
        Separated farAway = new Separated(0, new ValuePointer(1, Long.MAX_VALUE, KEY.length, 1, 1));
        put(cached, KEY, farAway);
        assertThat(cached.get(KEY)).isEqualTo(farAway);
        assertThat(cached.get(KEY)).isEqualTo(farAway);
        assertThat(cached.separated(List.of(KEY, OTHER))).containsExactly(farAway, null);
        assertThat(index.asked()).isEqualTo(4);
    }

    /** So a recount sees the index and not the cache. */
    @Test
    void viewsAndCursorsAreThoseOfTheIndex() throws IOException {
        put(cached, KEY, separated(KEY, 1));
        putUnseen(KEY, separated(KEY, 2));
        assertThat(cached.get(KEY)).isEqualTo(separated(KEY, 1));
        try (IndexView view = cached.openView();
                IndexCursor cursorOfView = view.openCursor(KeyRange.ALL, true);
                IndexCursor cursor = cached.openCursor(KeyRange.ALL, true)) {
            assertThat(view.get(KEY)).isEqualTo(separated(KEY, 2));
            assertThat(cursorOfView.location()).isEqualTo(separated(KEY, 2));
            assertThat(cursor.location()).isEqualTo(separated(KEY, 2));
        }
    }

    @Test
    void withoutMemoryThereIsNoCache() {
        assertThat(over(0)).isSameAs(index);
        assertThat(over(255)).isSameAs(index);
        assertThat(over(256)).isNotSameAs(index);
    }

    /** With 60 keys and caches for none of them up to all; some writes fail, whether they reached the index or not. */
    @ParameterizedTest
    @ValueSource(longs = {256, 512, 1024, LARGE})
    void afterEveryStepOfARandomHistoryItAnswersLikeTheIndex(long bytes) throws IOException {
        for (int seed = 1; seed <= 20; seed++) {
            runHistory(bytes, new Random(seed), "seed " + seed);
        }
    }

    private void runHistory(long bytes, Random random, String description) throws IOException {
        index.clear(CommitPoint.empty(new byte[] {0}));
        LocationIndex subject = over(bytes);
        int asked = 0;
        int looked = 0;
        for (int step = 1; step <= 300; step++) {
            step(subject, random, step);
            List<byte[]> keys = someKeys(random);
            index.asked();
            List<Separated> found = subject.separated(keys);
            looked += keys.size();
            for (byte[] key : keys.subList(0, keys.size() / 2)) {
                ValueLocation location = subject.get(key);
                looked++;
                asked += index.asked();
                assertThat(location).as("%s, step %s", description, step).isEqualTo(index.get(key));
                index.asked();
            }
            assertThat(found).as("%s, step %s", description, step).isEqualTo(index.separated(keys));
        }
        assertThat(asked).as("were looked up").isPositive().isLessThan(looked);
    }

    private void step(LocationIndex subject, Random random, int step) throws IOException {
        int kind = random.nextInt(100);
        if (kind == 0) {
            subject.clear(CommitPoint.empty(new byte[] {0}));
            return;
        }
        index.beforeWrites(kind == 1 ? CachedLocationIndexTest::fail : () -> {});
        index.afterWrites(kind == 2 ? CachedLocationIndexTest::fail : () -> {});
        try (IndexBatch batch = subject.newBatch()) {
            for (byte[] key : someKeys(random)) {
                switch (random.nextInt(6)) {
                    case 0 -> batch.delete(key);
                    case 1 -> batch.put(key, inline(step));
                    default -> batch.put(key, separated(key, step));
                }
            }
            subject.write(batch, false);
        } catch (IndexException e) {
            assertThat(kind).isBetween(1, 2);
        }
    }

    /** Returns some keys, sorted and distinct. */
    private static List<byte[]> someKeys(Random random) {
        return random.ints(random.nextInt(12), 0, 60)
                .sorted()
                .distinct()
                .mapToObj(key -> new byte[] {(byte) key, (byte) (3 * key)})
                .toList();
    }
}

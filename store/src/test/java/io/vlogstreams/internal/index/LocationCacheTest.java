/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocationCacheTest {

    private static final int KEY_BYTES = 7;
    private static final long SLOT_BYTES = 32;
    private static final long LARGE = 8 << 20;

    private static final int KEYS = 3000;
    private static final int WRITES = 60_000;

    /** Not the secret of the process, so that the same keys share a set in every run. */
    private static final KeyHash HASH = new KeyHash(1, 2);

    private static final DirectMemory MEMORY = new DirectMemory(1L << 30);

    private volatile boolean writing = true;

    private static KeyHash.Value hash(long key) {
        return HASH.of(Long.toString(key).getBytes(US_ASCII));
    }

    /** Returns a location all of whose fields depend on both numbers. */
    private static Separated location(long key, long number) {
        int mixed = (int) (31 * key + number);
        ValuePointer pointer =
                new ValuePointer(mixed & 0xFFFF_FFFFL, (key << 32) + number, KEY_BYTES, mixed & 0x7FFF_FFFF, ~mixed);
        return new Separated(mixed & 3, pointer);
    }

    private static LocationCache cache(long bytes) {
        return LocationCache.create(MEMORY, bytes, true);
    }

    private static void put(LocationCache cache, long key, long number) {
        write(cache, () -> cache.put(hash(key), KEY_BYTES, location(key, number)));
    }

    private static void write(LocationCache cache, Runnable change) {
        cache.suspend();
        change.run();
        cache.resume();
    }

    private static Separated find(LocationCache cache, long key) {
        return cache.find(hash(key), KEY_BYTES);
    }

    /** Returns how many of the keys are cached, and checks their locations. */
    private static int found(LocationCache cache, int fromKey, int toKey, long number) {
        int found = 0;
        for (int key = fromKey; key < toKey; key++) {
            Separated location = find(cache, key);
            if (location != null) {
                assertThat(location).isEqualTo(location(key, number));
                found++;
            }
        }
        return found;
    }

    @Test
    void whatWasPutIsFoundUntilItIsReplacedOrRemoved() {
        LocationCache cache = cache(LARGE);
        put(cache, 1, 1);
        put(cache, 2, 2);
        assertThat(find(cache, 1)).isEqualTo(location(1, 1));
        assertThat(find(cache, 3)).isNull();
        put(cache, 1, 3);
        assertThat(find(cache, 1)).isEqualTo(location(1, 3));
        write(cache, () -> cache.remove(hash(1)));
        write(cache, () -> cache.remove(hash(3)));
        assertThat(find(cache, 1)).isNull();
        assertThat(find(cache, 2)).isEqualTo(location(2, 2));
        assertThat(cache.isComplete()).isTrue();
    }

    @Test
    void theExtremesOfALocationComeBack() {
        LocationCache cache = cache(LARGE);
        List<Separated> extremes = List.of(
                new Separated(3, new ValuePointer(0xFFFF_FFFFL, -1L >>> 10, KEY_BYTES, Integer.MAX_VALUE, -1)),
                new Separated(0, new ValuePointer(0, 0, KEY_BYTES, 0, 0)),
                new Separated(1, new ValuePointer(1, 0, KEY_BYTES, 0, Integer.MIN_VALUE)));
        for (Separated extreme : extremes) {
            write(cache, () -> cache.put(hash(5), KEY_BYTES, extreme));
            assertThat(find(cache, 5)).isEqualTo(extreme);
        }
    }

    /** A hash whose first 64 bits are zero looks like a free slot. */
    @Test
    void aHashOfZerosIsFound() {
        LocationCache cache = cache(LARGE);
        KeyHash.Value zeros = new KeyHash.Value(0, 0);
        assertThat(cache.find(zeros, KEY_BYTES)).isNull();
        write(cache, () -> cache.put(zeros, KEY_BYTES, location(1, 1)));
        assertThat(cache.find(zeros, KEY_BYTES)).isEqualTo(location(1, 1));
    }

    @Test
    void hashesThatDifferInOneOf96BitsAreNotTakenForEachOther() {
        LocationCache cache = cache(LARGE);
        KeyHash.Value one = hash(1);
        write(cache, () -> cache.put(one, KEY_BYTES, location(1, 1)));
        for (int bit = 0; bit < Long.SIZE; bit++) {
            assertThat(cache.find(new KeyHash.Value(one.first() ^ 1L << bit, one.second()), KEY_BYTES))
                    .isNull();
        }
        for (int bit = Integer.SIZE; bit < Long.SIZE; bit++) {
            assertThat(cache.find(new KeyHash.Value(one.first(), one.second() ^ 1L << bit), KEY_BYTES))
                    .isNull();
        }
    }

    @Test
    void itIsSmallAtFirstAndGrowsWithWhatItHolds() {
        LocationCache cache = cache(LARGE);
        assertThat(cache.slots()).isEqualTo(256);
        for (int key = 0; key < 10_000; key++) {
            put(cache, key, 1);
        }
        assertThat(found(cache, 0, 10_000, 1)).isEqualTo(10_000);
        assertThat(cache.slots()).isEqualTo(16_384);
        assertThat(cache.isComplete()).isTrue();
    }

    /** As after the store was opened. */
    @Test
    void itGrowsWithWhatIsReadToo() {
        LocationCache cache = LocationCache.create(MEMORY, LARGE, false);
        for (int key = 0; key < 10_000; key++) {
            cache.fill(hash(key), KEY_BYTES, location(key, 1), cache.moment());
        }
        assertThat(found(cache, 0, 10_000, 1)).isEqualTo(10_000);
        assertThat(cache.slots()).isEqualTo(16_384);
    }

    @Test
    void whereThereIsNoMemoryItDoesNotGrow() {
        DirectMemory memory = new DirectMemory(1024 * SLOT_BYTES + 16);
        LocationCache cache = LocationCache.create(memory, LARGE, true);
        for (int key = 0; key < 10_000; key++) {
            put(cache, key, 1);
            assertThat(find(cache, key)).isEqualTo(location(key, 1));
        }
        assertThat(memory.taken()).isEqualTo(1024 * SLOT_BYTES);
        assertThat(cache.slots()).isEqualTo(1024);
        assertThat(found(cache, 0, 10_000, 1)).isBetween(900, 1024);
        assertThat(cache.isComplete()).isFalse();
    }

    @Test
    void aLargeOneLeavesHalfOfTheMemoryToOthers() {
        DirectMemory memory = new DirectMemory(4 * LocationCache.LARGE_BYTES);
        LocationCache large = LocationCache.create(memory, 4 * LocationCache.LARGE_BYTES, true);
        for (int key = 0; key < 3_000_000; key++) {
            put(large, key, 1);
        }
        assertThat(memory.taken()).isEqualTo(2 * LocationCache.LARGE_BYTES);
        LocationCache other = LocationCache.create(memory, 4 * LocationCache.LARGE_BYTES, true);
        for (int key = 0; key < 1_500_000; key++) {
            put(other, key, 1);
        }
        assertThat(other.slots() * SLOT_BYTES).isEqualTo(LocationCache.LARGE_BYTES);
        large.close();
        other.close();
    }

    @Test
    void itGivesItsMemoryBackWhenItIsClosedOrDoesNotComeIntoBeing() {
        DirectMemory memory = new DirectMemory(LARGE);
        LocationCache cache = LocationCache.create(memory, LARGE, true);
        for (int key = 0; key < 10_000; key++) {
            put(cache, key, 1);
        }
        assertThat(memory.taken()).isEqualTo((long) cache.slots() * SLOT_BYTES);
        DirectMemory tooLittle = new DirectMemory(2048 + 16);
        assertThat(LocationCache.create(tooLittle, LARGE, false)).isNull();
        assertThat(tooLittle.taken()).isZero();
        cache.close();
        assertThat(memory.taken()).isZero();
    }

    /** With two sets for each key, two thirds of the slots are in use before a key finds none. */
    @Test
    void itIsCompleteUntilMostSlotsAreTaken() {
        int slots = 4096;
        LocationCache cache = cache(slots * SLOT_BYTES);
        int key = 0;
        while (cache.isComplete()) {
            put(cache, key++, 1);
        }
        assertThat(key).isBetween(slots * 2 / 3, slots);
        assertThat(found(cache, 0, key, 1)).isEqualTo(key - 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {256, 300, 512, 1024, 4096, 100_000})
    void ofMoreThanFitItHoldsAboutAsManyAsItMayAndNothingElse(long bytes) {
        LocationCache cache = cache(bytes);
        for (int key = 0; key < 10_000; key++) {
            put(cache, key, 1);
            assertThat(find(cache, key)).isEqualTo(location(key, 1));
        }
        long slots = Long.highestOneBit(bytes) / SLOT_BYTES;
        assertThat(cache.slots()).isEqualTo((int) slots);
        assertThat(found(cache, 0, 10_000, 1)).isBetween((int) slots * 95 / 100, (int) slots);
        assertThat(cache.isComplete()).isFalse();
    }

    @Test
    void whatIsReadStaysWhenOthersCome() {
        LocationCache cache = cache(1024 * SLOT_BYTES);
        int hot = 200;
        int reads = 0;
        int misses = 0;
        for (int key = 0; key < 20_000; key++) {
            put(cache, key, 1);
            for (int each = 0; each < hot && key > hot && key % 50 == 0; each++) {
                reads++;
                if (find(cache, each) == null) {
                    misses++;
                    put(cache, each, 1);
                }
            }
        }
        // Between two reads of a key another key evicts one of twenty slots: that would be the rate of misses if reads
        // did not protect a slot.
        assertThat(misses).isPositive().isLessThan(reads / 100);
    }

    /** The table has no room for such a large offset, or for a key length other than that of the key. */
    @Test
    void whatDoesNotFitIsNotTakenAndTheOldOneGoes() {
        Separated tooFar = new Separated(0, new ValuePointer(1, 1L << 54, KEY_BYTES, 1, 1));
        Separated otherKey = new Separated(0, new ValuePointer(1, 1, KEY_BYTES + 1, 1, 1));
        for (Separated unfit : List.of(tooFar, otherKey)) {
            LocationCache cache = cache(LARGE);
            put(cache, 1, 1);
            write(cache, () -> cache.put(hash(1), KEY_BYTES, unfit));
            assertThat(find(cache, 1)).isNull();
            assertThat(cache.isComplete()).isFalse();
            cache.fill(hash(1), KEY_BYTES, unfit, cache.moment());
            assertThat(find(cache, 1)).isNull();
        }
    }

    @Test
    void whatWasReadIsTakenInOnlyIfNothingWasWrittenSince() {
        LocationCache cache = cache(LARGE);
        long before = cache.moment();
        put(cache, 2, 2);
        cache.fill(hash(1), KEY_BYTES, location(1, 1), before);
        assertThat(find(cache, 1)).isNull();
        long now = cache.moment();
        cache.fill(hash(1), KEY_BYTES, location(1, 1), now);
        assertThat(find(cache, 1)).isEqualTo(location(1, 1));
        cache.suspend();
        assertThat(cache.moment()).isNotEqualTo(now);
        cache.fill(hash(3), KEY_BYTES, location(3, 3), now);
        assertThat(find(cache, 3)).isNull();
    }

    @Test
    void aFullCacheTakesInWhatIsReadAndIsNotCompleteAnyMore() {
        LocationCache cache = cache(8 * SLOT_BYTES);
        for (int key = 0; key < 8; key++) {
            put(cache, key, 1);
        }
        assertThat(cache.isComplete()).isTrue();
        cache.fill(hash(9), KEY_BYTES, location(9, 1), cache.moment());
        assertThat(cache.isComplete()).isFalse();
        assertThat(find(cache, 9)).isEqualTo(location(9, 1));
        assertThat(found(cache, 0, 8, 1)).isEqualTo(7);
    }

    @Test
    void theWriteAfterAFailedOneForgetsEverything() {
        LocationCache cache = cache(LARGE);
        put(cache, 1, 1);
        put(cache, 2, 1);
        cache.suspend();
        assertThat(LocationCache.isSuspended(cache.moment())).isTrue();
        put(cache, 2, 2);
        assertThat(LocationCache.isSuspended(cache.moment())).isFalse();
        assertThat(find(cache, 1)).isNull();
        assertThat(find(cache, 2)).isEqualTo(location(2, 2));
        assertThat(cache.isComplete()).isFalse();
    }

    @Test
    void ofAnEmptyIndexItIsCompleteAgain() {
        LocationCache cache = LocationCache.create(MEMORY, LARGE, false);
        put(cache, 1, 1);
        write(cache, cache::clear);
        assertThat(find(cache, 1)).isNull();
        assertThat(cache.isComplete()).isTrue();
    }

    /** The numbers serve as the index: each key has one that increases; 0 means none. */
    @ParameterizedTest
    @ValueSource(longs = {256, 512 * SLOT_BYTES, LARGE})
    void readersNeverSeeAMixedOrAnOldLocation(long bytes) throws Exception {
        LocationCache cache = cache(bytes);
        AtomicLongArray numbers = new AtomicLongArray(KEYS);
        inThreads(random -> read(cache, numbers, random), () -> write(cache, numbers, new Random(4)));
    }

    /** All keys are in one set, so that readers overwrite each other's locations all the time. */
    @Test
    void readersThatTakeInNeverSeeAMixedLocation() throws Exception {
        LocationCache cache = cache(8 * SLOT_BYTES);
        inThreads(random -> takeIn(cache, random), () -> {});
    }

    private interface Reading {
        long hits(Random random);
    }

    private void inThreads(Reading reading, Runnable writer) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<Long>> readers = new ArrayList<>();
            for (int seed = 1; seed <= 3; seed++) {
                Random random = new Random(seed);
                readers.add(threads.submit(() -> reading.hits(random)));
            }
            try {
                writer.run();
            } finally {
                writing = false;
            }
            for (Future<Long> reader : readers) {
                assertThat(reader.get()).isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static long takeIn(LocationCache cache, Random random) {
        long hits = 0;
        for (int i = 0; i < 1_000_000; i++) {
            int key = random.nextInt(16);
            Separated found = find(cache, key);
            if (found == null) {
                cache.fill(hash(key), KEY_BYTES, location(key, 1), cache.moment());
            } else if (!found.equals(location(key, 1))) {
                throw new AssertionError("key " + key + ": " + found);
            } else {
                hits++;
            }
        }
        return hits;
    }

    /** Writes half of the keys; only readers take in the others. */
    private static void write(LocationCache cache, AtomicLongArray numbers, Random random) {
        for (int number = 1; number <= WRITES; number++) {
            int key = random.nextInt(number < 1000 ? KEYS : KEYS / 2);
            cache.suspend();
            if (random.nextInt(10) == 0) {
                numbers.set(key, -number);
                cache.remove(hash(key));
            } else {
                numbers.set(key, number);
                cache.put(hash(key), KEY_BYTES, location(key, number));
            }
            cache.resume();
            if (number % 16 == 0) {
                LockSupport.parkNanos(1); // so that readers also find the cache unsuspended
            }
        }
    }

    /** Reads all keys; returns how many were found. */
    private long read(LocationCache cache, AtomicLongArray numbers, Random random) {
        long hits = 0;
        while (writing || hits == 0) {
            int key = random.nextInt(KEYS);
            long earliest = Math.abs(numbers.get(key));
            long before = cache.moment();
            if (LocationCache.isSuspended(before)) {
                continue;
            }
            Separated found = find(cache, key);
            boolean isComplete = cache.isComplete();
            long latest = numbers.get(key);
            if (found == null) {
                if (isComplete && latest == earliest && earliest > 0) {
                    throw new AssertionError("key " + key + " has " + latest + ", but is not there");
                }
                if (latest > 0) {
                    cache.fill(hash(key), KEY_BYTES, location(key, latest), before);
                }
            } else {
                long number = found.pointer().offset() & 0xFFFF_FFFFL;
                if (!found.equals(location(key, number)) || number < earliest || number > Math.abs(latest)) {
                    throw new AssertionError("key " + key + ": " + found + ", from " + earliest + " to " + latest);
                }
                hits++;
            }
        }
        return hits;
    }
}

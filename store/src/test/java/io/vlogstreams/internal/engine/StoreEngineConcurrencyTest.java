/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.index.KeyRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Readers on other threads while the writer puts, deletes, commits, spills, rotates and deletes files.
 *
 * <p>Every write gets the next number, which its value carries, so that reads can be checked afterwards.
 */
class StoreEngineConcurrencyTest {

    private static final int KEYS = 12;
    private static final int WRITES = 6000;
    private static final int READERS = 4;

    /** The number of scans that a reader keeps for the check. */
    private static final int MAX_SCANS = 300;

    @TempDir
    Path folder;

    /** The last write that was begun; below, the last one that was completed. */
    private final AtomicLong begun = new AtomicLong();

    private final AtomicLong done = new AtomicLong();

    /** The numbers of all writes, by key; the number of a deletion is negative. */
    private final Map<String, List<Long>> history = new TreeMap<>();

    /** The numbers of the writes before each commit. */
    private final List<Long> commits = new ArrayList<>(List.of(0L));

    private volatile boolean writing = true;

    private record Scanned(long doneBefore, long begunAfter, Map<String, Long> entries) {}

    @ParameterizedTest
    @ValueSource(longs = {0, 256, 8 << 20})
    void readersSeeOnlyWhatWasWrittenAndNeverGoBack(long locationCacheBytes) throws Exception {
        long seed = 99;
        List<Scanned> scans = readWhileWriting(seed, false, locationCacheBytes);
        assertThat(scans).isNotEmpty();
        for (Scanned scan : scans) {
            assertThat(isSnapshot(scan)).as("seed %s: %s", seed, scan).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 256, 8 << 20})
    void committedReadersSeeOnlyCommitsAndNeverGoBack(long locationCacheBytes) throws Exception {
        long seed = 98;
        List<Scanned> scans = readWhileWriting(seed, true, locationCacheBytes);
        assertThat(scans).isNotEmpty();
        for (Scanned scan : scans) {
            assertThat(isCommit(scan)).as("seed %s: %s", seed, scan).isTrue();
        }
    }

    private List<Scanned> readWhileWriting(long seed, boolean committedOnly, long locationCacheBytes) throws Exception {
        List<Scanned> scans = new ArrayList<>();
        ExecutorService readers = Executors.newFixedThreadPool(READERS);
        TestStore options = TestStore.in(folder)
                .maxFile(4096)
                .maxStaged(8000)
                .locationCache(locationCacheBytes)
                .spareDivisor(1);
        try (TestStore store = (committedOnly ? options.committedReads() : options).open()) {
            List<Future<List<Scanned>>> running = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Random random = new Random(seed + 1 + i);
                Callable<List<Scanned>> reader = () -> read(store.engine(), random, committedOnly);
                running.add(readers.submit(reader));
            }
            try {
                write(store, new Random(seed));
            } finally {
                writing = false;
            }
            for (Future<List<Scanned>> reader : running) {
                scans.addAll(reader.get());
            }
            store.commit(WRITES);
            assertThat(store.engine().statistics().space().pins()).isZero();
            store.checkLiveBytes("at the end");
        } finally {
            readers.shutdownNow();
        }
        return scans;
    }

    private void write(TestStore store, Random random) throws IOException {
        for (int i = 0; i < WRITES; i++) {
            String key = "k" + random.nextInt(KEYS);
            boolean deletes = random.nextInt(10) == 0;
            long number = begun.incrementAndGet();
            history.computeIfAbsent(key, k -> new ArrayList<>()).add(deletes ? -number : number);
            if (deletes) {
                store.delete(key);
            } else {
                store.put(key, value(key, number, random.nextInt(600)));
            }
            done.set(number);
            if (random.nextInt(25) == 0) {
                commits.add(number);
                store.commit(number);
            }
            if (random.nextInt(50) == 0) {
                store.engine().deleteObsoleteFiles();
            }
        }
    }

    private List<Scanned> read(StoreEngine engine, Random random, boolean committedOnly) throws IOException {
        List<Scanned> scans = new ArrayList<>();
        Map<String, Long> newestSeen = new TreeMap<>();
        // At least once, whichever thread is faster.
        do {
            if (random.nextInt(5) == 0) {
                Scanned scan = scan(engine, random.nextBoolean(), committedOnly);
                if (scans.size() < MAX_SCANS) {
                    scans.add(scan);
                }
            } else {
                get(engine, "k" + random.nextInt(KEYS), newestSeen, committedOnly);
            }
        } while (writing);
        return scans;
    }

    private void get(StoreEngine engine, String key, Map<String, Long> newestSeen, boolean committedOnly)
            throws IOException {
        byte[] found = committedOnly ? engine.getCommitted(bytes(key)) : engine.get(bytes(key));
        if (found != null) {
            long number = check(key, TestStore.text(found));
            assertThat(number)
                    .as("%s: never older than what was seen before, never from the future", key)
                    .isBetween(newestSeen.getOrDefault(key, 0L), begun.get());
            newestSeen.put(key, number);
        }
    }

    private Scanned scan(StoreEngine engine, boolean ascending, boolean committedOnly) throws IOException {
        Map<String, Long> entries = new TreeMap<>();
        long doneBefore = done.get();
        try (StoreScan scan =
                committedOnly ? engine.scanCommitted(KeyRange.ALL, ascending) : engine.scan(KeyRange.ALL, ascending)) {
            long begunAfter = begun.get();
            for (; scan.isValid(); scan.advance()) {
                String key = TestStore.text(scan.key());
                assertThat(entries.put(key, check(key, TestStore.text(scan.value()))))
                        .as("%s comes once", key)
                        .isNull();
            }
            return new Scanned(doneBefore, begunAfter, entries);
        }
    }

    /**
     * Returns whether the store had exactly these entries at some moment during the opening of the scan.
     */
    private boolean isSnapshot(Scanned scan) {
        for (long moment = scan.doneBefore(); moment <= scan.begunAfter(); moment++) {
            if (scan.entries().equals(entriesAt(moment))) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether the store had exactly these entries at one of the commits up to then. */
    private boolean isCommit(Scanned scan) {
        return commits.stream()
                .filter(commit -> commit <= scan.begunAfter())
                .anyMatch(commit -> scan.entries().equals(entriesAt(commit)));
    }

    private Map<String, Long> entriesAt(long moment) {
        Map<String, Long> entries = new TreeMap<>();
        history.forEach((key, numbers) -> {
            long last = 0;
            for (long number : numbers) {
                if (Math.abs(number) > moment) {
                    break;
                }
                last = number;
            }
            if (last > 0) {
                entries.put(key, last);
            }
        });
        return entries;
    }

    private static String value(String key, long number, int padding) {
        return key + ":" + number + ":" + Long.toString(number % 7).repeat(padding);
    }

    /** Checks that the value is whole and belongs to the key; returns its number. */
    private static long check(String key, String value) {
        long number = Long.parseLong(value.split(":", -1)[1]);
        int padding = value.length() - value(key, number, 0).length();
        assertThat(value).isEqualTo(value(key, number, padding));
        return number;
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The copies that a cursor makes; RocksDbIndexTest covers its ranges. */
class RocksDbCursorTest {

    /** Lengths around the sizes at which the array is replaced, and beyond the largest. */
    private static final int[] LENGTHS = {0, 1, 62, 63, 64, 65, 130, 4093, 4094, 4095, 4096, 4097, 9000, 100_000};

    @TempDir
    Path folder;

    @Test
    void keysAndLocationsOfAnySizeComeBackInAnyOrderOfSizes() throws IOException {
        long seed = 11;
        Random random = new Random(seed);
        NavigableMap<byte[], ValueLocation> entries = new TreeMap<>(Arrays::compareUnsigned);
        for (int i = 0; i < 200; i++) {
            ValueLocation location = random.nextInt(3) == 0
                    ? new Separated(i % 4, new ValuePointer(i, 31 + i, i, i, i))
                    : new Inline(i % 4, randomBytes(random));
            entries.put(randomBytes(random), location);
        }
        try (RocksDbIndex index = RocksDbIndex.open(folder, IndexTuning.NONE)) {
            write(index, entries);
            assertThat(walked(index, true)).as("seed %s", seed).isEqualTo(text(entries));
            assertThat(walked(index, false)).as("seed %s", seed).isEqualTo(text(entries.descendingMap()));
        }
    }

    @Test
    void whatItGaveStaysAsItIsWhenTheCursorGoesOn() throws IOException {
        NavigableMap<byte[], ValueLocation> entries = new TreeMap<>(Arrays::compareUnsigned);
        entries.put(new byte[] {1}, new Inline(0, new byte[] {10, 11}));
        entries.put(new byte[] {2}, new Inline(0, new byte[] {20, 21}));
        try (RocksDbIndex index = RocksDbIndex.open(folder, IndexTuning.NONE)) {
            write(index, entries);
            try (IndexCursor cursor = index.openCursor(KeyRange.ALL, true)) {
                byte[] key = cursor.key();
                ValueLocation location = cursor.location();
                cursor.advance();
                assertThat(cursor.key()).containsExactly(2);
                assertThat(cursor.location()).isEqualTo(new Inline(0, new byte[] {20, 21}));
                assertThat(key).containsExactly(1);
                assertThat(location).isEqualTo(new Inline(0, new byte[] {10, 11}));
            }
        }
    }

    private static byte[] randomBytes(Random random) {
        byte[] bytes = new byte[LENGTHS[random.nextInt(LENGTHS.length)]];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void write(LocationIndex index, Map<byte[], ValueLocation> entries) throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            for (Map.Entry<byte[], ValueLocation> entry : entries.entrySet()) {
                batch.put(entry.getKey(), entry.getValue());
            }
            index.write(batch, false);
        }
    }

    private static List<String> walked(LocationIndex index, boolean ascending) throws IOException {
        List<String> walked = new ArrayList<>();
        try (IndexCursor cursor = index.openCursor(KeyRange.ALL, ascending)) {
            for (; cursor.isValid(); cursor.advance()) {
                walked.add(text(cursor.key(), cursor.location()));
            }
        }
        return walked;
    }

    private static List<String> text(Map<byte[], ValueLocation> entries) {
        return entries.entrySet().stream()
                .map(entry -> text(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** Returns a short text, because a failure prints all of them. */
    private static String text(byte[] key, ValueLocation location) {
        return key.length + "#" + Arrays.hashCode(key) + "=" + location + "#" + Arrays.hashCode(location.encode());
    }
}

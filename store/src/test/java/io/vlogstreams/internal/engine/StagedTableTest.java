/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.engine.StagedWrites.Version;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StagedTableTest {

    private final StagedTable table = new StagedTable();

    private static StagedEntry entry(byte[] key, int hash) {
        return new StagedEntry(key, hash, new Version(1, null, null));
    }

    private static byte[] key(int... bytes) {
        byte[] key = new byte[bytes.length];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) bytes[i];
        }
        return key;
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThat(table.find(key(1), 0)).isNull();
        table.add(entry(key(1), 0));
        assertThat(table.find(key(2), 0)).isNull();
        assertThat(table.find(key(1), 64)).as("the same slot, another hash").isNull();
        assertThat(table.count()).isEqualTo(1);
    }

    @Test
    void keysOfOneHashAreToldApart() {
        for (int i = 0; i < 200; i++) {
            table.add(entry(key(i), -1));
        }
        for (int i = 0; i < 200; i++) {
            assertThat(table.find(key(i), -1).key()).isEqualTo(key(i));
        }
        assertThat(table.count()).isEqualTo(200);
    }

    @Test
    void keysAreInUnsignedOrderHoweverShort() {
        List<byte[]> inOrder = List.of(
                key(),
                key(0),
                key(0, 0),
                key(1),
                key(1, 0, 0, 0, 0, 0, 0, 0),
                key(1, 0, 0, 0, 0, 0, 0, 0, 0),
                key(1, 0, 0, 0, 0, 0, 0, 0, 1),
                key(1, 0, 0, 0, 0, 0, 0, 1),
                key(127),
                key(128),
                key(255, 255, 255, 255, 255, 255, 255, 255),
                key(255, 255, 255, 255, 255, 255, 255, 255, 0));
        for (int i = 0; i < inOrder.size(); i++) {
            table.add(entry(inOrder.get(i * 5 % inOrder.size()), i));
        }
        assertThat(Arrays.stream(table.sorted()).map(StagedEntry::key)).containsExactlyElementsOf(inOrder);
    }

    @Test
    void anyNumberOfRandomKeysIsFoundAndSorted() {
        Random random = new Random(1);
        TreeSet<byte[]> expected = new TreeSet<>(Arrays::compareUnsigned);
        for (int i = 0; i < 20_000; i++) {
            byte[] key = new byte[random.nextInt(12)];
            random.nextBytes(key);
            int hash = Arrays.hashCode(key) * 0x9E3779B9;
            StagedEntry found = table.find(key, hash);
            assertThat(found != null).isEqualTo(!expected.add(key));
            if (found == null) {
                table.add(entry(key, hash));
            }
        }
        assertThat(table.count()).isEqualTo(expected.size());
        assertThat(Arrays.stream(table.sorted()).map(StagedEntry::key)).containsExactlyElementsOf(expected);
    }

    /** While the table grows, a reader always finds the entries that it has found before. */
    @Test
    void aReaderLosesNothing() throws Exception {
        int keys = 200_000;
        ExecutorService readers = Executors.newSingleThreadExecutor();
        try {
            Future<?> reader = readers.submit(() -> {
                int seen = 0;
                while (seen < keys) {
                    for (int again = Math.max(0, seen - 100); again < seen; again++) {
                        assertThat(find(again)).isNotNull();
                    }
                    while (seen < keys && find(seen) != null) {
                        seen++;
                    }
                }
            });
            for (int i = 0; i < keys; i++) {
                table.add(entry(numbered(i), i * 0x9E3779B9));
            }
            reader.get(60, TimeUnit.SECONDS);
        } finally {
            readers.shutdownNow();
        }
    }

    private StagedEntry find(int number) {
        return table.find(numbered(number), number * 0x9E3779B9);
    }

    private static byte[] numbered(int number) {
        return key(number >> 24, number >> 16, number >> 8, number);
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.FakeStateStoreContext;
import io.vlogstreams.KafkaOnClassPath;
import io.vlogstreams.VLogConfig;
import io.vlogstreams.VLogStores;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A long random run of a VLog store and Kafka's RocksDB store: the same operations must have the same results.
 * {@code -Dcomparison.operations=2000000} for a long run, {@code -Dcomparison.seed} for another one.
 */
class LongComparisonTest {

    private static final int OPERATIONS = Integer.getInteger("comparison.operations", 30_000);
    private static final long SEED = Long.getLong("comparison.seed", 20261122);
    private static final int KEYS = 3_000;
    private static final TopicPartition CHANGELOG = new TopicPartition("changelog", 0);

    @TempDir
    Path temp;

    private final Random random = new Random(SEED);
    private final byte[] noise = new byte[1 << 16];
    private VLogKeyValueStore ours;
    private KeyValueStore<Bytes, byte[]> kafkas;
    private int operation;

    @Test
    void everyAnswerIsThatOfKafkasStore() {
        random.nextBytes(noise);
        open();
        for (operation = 0; operation < OPERATIONS; operation++) {
            step();
        }
        compareAll(true);
        compareAll(false);
        ours.close();
        kafkas.close();
    }

    private void open() {
        ours = (VLogKeyValueStore) VLogStores.persistentKeyValueStore("ours").get();
        kafkas = Stores.persistentKeyValueStore("kafkas").get();
        Map<String, Object> options = Map.of(
                VLogConfig.FILE_BYTES_MAX, 64 * 1024, VLogConfig.THRESHOLD_BYTES, 64, VLogConfig.OPEN_FILES_MAX, 8);
        ours.init(new FakeStateStoreContext(temp.resolve("ours"), options), ours);
        kafkas.init(new FakeStateStoreContext(temp.resolve("kafkas"), Map.of()), kafkas);
    }

    private void step() {
        Bytes key = key();
        int choice = random.nextInt(10_000);
        if (choice < 4_500) {
            byte[] value = value();
            ours.put(key, value);
            kafkas.put(key, value);
        } else if (choice < 8_500) {
            same(key, ours.get(key), kafkas.get(key));
        } else if (choice < 9_300) {
            same(key, ours.delete(key), kafkas.delete(key));
        } else if (choice < 9_800) {
            byte[] value = value();
            same(key, ours.putIfAbsent(key, value), kafkas.putIfAbsent(key, value));
        } else if (choice < 9_980) {
            compareSome(key);
        } else if (choice < 9_998) {
            ours.commit(Map.of(CHANGELOG, (long) operation));
            commitKafkas(operation);
        } else {
            ours.close();
            kafkas.close();
            open();
        }
    }

    private void compareSome(Bytes one) {
        Bytes other = key();
        boolean inOrder = one.compareTo(other) < 0;
        Bytes from = inOrder ? one : other;
        Bytes to = inOrder ? other : one;
        switch (random.nextInt(3)) {
            case 0 -> compare(ours.range(from, to), kafkas.range(from, to), 50);
            case 1 -> compare(ours.reverseRange(from, to), kafkas.reverseRange(from, to), 50);
            default -> {
                Bytes prefix = Bytes.wrap(Arrays.copyOf(from.get(), 1));
                compare(
                        ours.prefixScan(prefix, new BytesSerializer()),
                        kafkas.prefixScan(prefix, new BytesSerializer()),
                        50);
            }
        }
    }

    private void compareAll(boolean ascending) {
        compare(
                ascending ? ours.all() : ours.reverseAll(),
                ascending ? kafkas.all() : kafkas.reverseAll(),
                Integer.MAX_VALUE);
    }

    private void compare(KeyValueIterator<Bytes, byte[]> mine, KeyValueIterator<Bytes, byte[]> theirs, int atMost) {
        try (mine;
                theirs) {
            for (int i = 0; i < atMost && theirs.hasNext(); i++) {
                assertThat(mine.hasNext()).as(this::where).isTrue();
                Bytes key = theirs.peekNextKey();
                assertThat(mine.peekNextKey()).as(this::where).isEqualTo(key);
                same(key, mine.next().value, theirs.next().value);
            }
            assertThat(mine.hasNext()).as(this::where).isEqualTo(theirs.hasNext());
        }
    }

    private void same(Bytes key, byte[] mine, byte[] theirs) {
        if (!Arrays.equals(mine, theirs)) {
            assertThat(mine).as(() -> where() + ", key " + key).isEqualTo(theirs);
        }
    }

    private String where() {
        return "operation " + operation + " of seed " + SEED;
    }

    /** Two bytes, the first not 0xFF, for which Kafka's store finds other keys by prefix. */
    private Bytes key() {
        int number = random.nextInt(KEYS);
        return Bytes.wrap(new byte[] {(byte) (number >> 4), (byte) (number & 0xF)});
    }

    private byte[] value() {
        int length = random.nextInt(10) == 0 ? random.nextInt(4_000) : random.nextInt(200);
        int offset = random.nextInt(noise.length - length);
        return Arrays.copyOfRange(noise, offset, offset + length);
    }

    @SuppressWarnings("deprecation") // for older Kafka Streams
    private void commitKafkas(long offset) {
        if (KafkaOnClassPath.is43()) {
            kafkas.commit(Map.of(CHANGELOG, offset));
        } else {
            kafkas.flush();
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.drain;
import static io.vlogstreams.internal.streams.TestKeyValueStore.key;
import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static io.vlogstreams.internal.streams.TestKeyValueStore.text;
import static io.vlogstreams.internal.streams.TestKeyValueStore.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every operation of a KeyValueStore. */
class VLogKeyValueStoreContractTest {

    @TempDir
    Path taskFolder;

    private TestKeyValueStore test;
    private KeyValueStore<Bytes, byte[]> store;

    @BeforeEach
    void open() {
        test = TestKeyValueStore.in(taskFolder)
                .with("vlog.value.bytes.max", 1000)
                .open();
        store = test.store();
    }

    @AfterEach
    void close() {
        test.close();
    }

    private void putAToE() {
        for (String key : List.of("a", "b", "c", "d", "e")) {
            test.put(key, large(key));
        }
    }

    @Test
    void whatIsPutIsGot() {
        test.put("a", large("1"));
        test.put("b", "2");
        assertThat(test.get("a")).isEqualTo(large("1"));
        assertThat(test.get("b")).isEqualTo("2");
        assertThat(test.get("c")).isNull();
    }

    @Test
    void aPutOfNullDeletes() {
        test.put("a", large("1"));
        test.put("a", null);
        assertThat(test.get("a")).isNull();
        assertThat(test.all()).isEmpty();
    }

    @Test
    void putIfAbsentPutsIfAbsent() {
        assertThat(store.putIfAbsent(key("a"), value("1"))).isNull();
        assertThat(test.get("a")).isEqualTo("1");
    }

    @Test
    void putIfAbsentReturnsWhatIsPresentAndKeepsIt() {
        test.put("a", large("1"));
        assertThat(text(store.putIfAbsent(key("a"), value("2")))).isEqualTo(large("1"));
        assertThat(test.get("a")).isEqualTo(large("1"));
    }

    @Test
    void putIfAbsentOfNullDoesNotDelete() {
        test.put("a", "1");
        assertThat(text(store.putIfAbsent(key("a"), null))).isEqualTo("1");
        assertThat(test.get("a")).isEqualTo("1");
        assertThat(store.putIfAbsent(key("b"), null)).isNull();
    }

    @Test
    void deleteReturnsTheOldValue() {
        test.put("a", large("1"));
        assertThat(text(store.delete(key("a")))).isEqualTo(large("1"));
        assertThat(store.delete(key("a"))).isNull();
        assertThat(test.get("a")).isNull();
    }

    @Test
    void putAllPutsInOrderAndDeletesWhereTheValueIsNull() {
        test.put("b", "0");
        store.putAll(List.of(
                KeyValue.pair(key("a"), value("1")),
                KeyValue.pair(key("b"), null),
                KeyValue.pair(key("a"), value(large("2")))));
        assertThat(test.all()).containsExactly("a=" + large("2"));
    }

    @Test
    void putAllWithANullKeyPutsNothing() {
        List<KeyValue<Bytes, byte[]>> entries = new ArrayList<>();
        entries.add(KeyValue.pair(key("a"), value("1")));
        entries.add(KeyValue.pair(null, value("2")));
        assertThatThrownBy(() -> store.putAll(entries)).isInstanceOf(NullPointerException.class);
        assertThat(test.all()).isEmpty();
    }

    @Test
    void aNullKeyIsRefused() {
        assertThatThrownBy(() -> store.put(null, value("1"))).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> store.putIfAbsent(null, value("1"))).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> store.delete(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> store.get(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> store.prefixScan(null, new StringSerializer()))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> store.prefixScan("a", null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void aRangeHasBothItsBounds() {
        putAToE();
        assertThat(keys(store.range(key("b"), key("d")))).containsExactly("b", "c", "d");
        assertThat(keys(store.reverseRange(key("b"), key("d")))).containsExactly("d", "c", "b");
    }

    @Test
    void aRangeOfOneKeyHasThatKey() {
        putAToE();
        assertThat(keys(store.range(key("c"), key("c")))).containsExactly("c");
        assertThat(keys(store.reverseRange(key("c"), key("c")))).containsExactly("c");
    }

    @Test
    void aNullBoundIsOpen() {
        putAToE();
        assertThat(keys(store.range(null, key("b")))).containsExactly("a", "b");
        assertThat(keys(store.range(key("d"), null))).containsExactly("d", "e");
        assertThat(keys(store.range(null, null))).containsExactly("a", "b", "c", "d", "e");
        assertThat(keys(store.reverseRange(null, key("b")))).containsExactly("b", "a");
        assertThat(keys(store.reverseRange(key("d"), null))).containsExactly("e", "d");
        assertThat(keys(store.reverseRange(null, null))).containsExactly("e", "d", "c", "b", "a");
    }

    @Test
    void aRangeFromAboveToBelowIsEmpty() {
        putAToE();
        try (KeyValueIterator<Bytes, byte[]> empty = store.range(key("d"), key("b"))) {
            assertThat(empty.hasNext()).isFalse();
            assertThatThrownBy(empty::next).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(empty::peekNextKey).isInstanceOf(NoSuchElementException.class);
        }
        assertThat(keys(store.reverseRange(key("d"), key("b")))).isEmpty();
    }

    @Test
    void aRangeOfAClosedStoreIsRefused() {
        test.close();
        assertThatThrownBy(() -> store.range(key("b"), key("d"))).isInstanceOf(InvalidStateStoreException.class);
    }

    @Test
    void allGoesBothWays() {
        putAToE();
        test.commit(1);
        test.put("bb", "2");
        assertThat(keys(store.all())).containsExactly("a", "b", "bb", "c", "d", "e");
        assertThat(keys(store.reverseAll())).containsExactly("e", "d", "c", "bb", "b", "a");
    }

    @Test
    void aPrefixScanHasTheKeysWithThePrefix() {
        for (String key : List.of("a", "ab", "abc", "b")) {
            test.put(key, "1");
        }
        assertThat(keys(store.prefixScan("ab", new StringSerializer()))).containsExactly("ab", "abc");
        assertThat(keys(store.prefixScan("", new StringSerializer()))).containsExactly("a", "ab", "abc", "b");
        assertThat(keys(store.prefixScan("c", new StringSerializer()))).isEmpty();
    }

    @Test
    void aPrefixScanOfFfGoesToTheLastKey() {
        Bytes last = Bytes.wrap(new byte[] {(byte) 0xFF, (byte) 0xFF, 1});
        store.put(last, value("1"));
        test.put("a", "2");
        Bytes prefix = Bytes.wrap(new byte[] {(byte) 0xFF, (byte) 0xFF});
        assertThat(drain(store.prefixScan(prefix, new BytesSerializer()))).hasSize(1);
    }

    @Test
    void peekingDoesNotMove() {
        putAToE();
        try (KeyValueIterator<Bytes, byte[]> iterator = store.all()) {
            assertThat(iterator.peekNextKey()).isEqualTo(key("a"));
            assertThat(iterator.peekNextKey()).isEqualTo(key("a"));
            assertThat(iterator.next().key).isEqualTo(key("a"));
            assertThat(iterator.peekNextKey()).isEqualTo(key("b"));
        }
    }

    @Test
    void behindTheLastEntryThereIsNoMore() {
        test.put("a", "1");
        try (KeyValueIterator<Bytes, byte[]> iterator = store.all()) {
            iterator.next();
            assertThat(iterator.hasNext()).isFalse();
            assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
            assertThatThrownBy(iterator::peekNextKey).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void anIteratorIsASnapshot() {
        test.put("a", large("1"));
        test.put("b", large("1"));
        try (KeyValueIterator<Bytes, byte[]> iterator = store.all()) {
            test.put("a", large("2"));
            store.delete(key("b"));
            test.put("c", large("2"));
            test.commit(1);
            assertThat(drain(iterator)).containsExactly("a=" + large("1"), "b=" + large("1"));
        }
    }

    @Test
    void putsAndDeletesInsideTheLoopDoNotShowInIt() {
        putAToE();
        List<String> seen = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> iterator = store.all()) {
            while (iterator.hasNext()) {
                String key = text(iterator.next().key.get());
                seen.add(key);
                store.delete(key("c"));
                test.put(key + "x", "new");
            }
        }
        assertThat(seen).containsExactly("a", "b", "c", "d", "e");
        assertThat(keys(store.all())).containsExactly("a", "ax", "b", "bx", "cx", "d", "dx", "e", "ex");
    }

    @Test
    void aClosedIteratorIsRefused() {
        putAToE();
        KeyValueIterator<Bytes, byte[]> iterator = store.all();
        iterator.close();
        iterator.close();
        assertThatThrownBy(iterator::hasNext).isInstanceOf(InvalidStateStoreException.class);
        assertThatThrownBy(iterator::next).isInstanceOf(InvalidStateStoreException.class);
        assertThatThrownBy(iterator::peekNextKey).isInstanceOf(InvalidStateStoreException.class);
    }

    @Test
    void keysAreOrderedAsUnsignedBytes() {
        for (int first : new int[] {0x80, 0x7F, 0xFF, 0x00}) {
            store.put(Bytes.wrap(new byte[] {(byte) first}), value("1"));
        }
        List<Integer> order = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> iterator = store.all()) {
            iterator.forEachRemaining(
                    entry -> order.add(Byte.toUnsignedInt(entry.key.get()[0])));
        }
        assertThat(order).containsExactly(0x00, 0x7F, 0x80, 0xFF);
    }

    @Test
    void theEmptyKeyIsAKey() {
        store.put(key(""), value("1"));
        test.put("a", "2");
        assertThat(test.get("")).isEqualTo("1");
        assertThat(keys(store.range(key(""), key("")))).containsExactly("");
        assertThat(keys(store.all())).containsExactly("", "a");
    }

    @Test
    void theEmptyValueIsNotNull() {
        test.put("a", "");
        assertThat(store.get(key("a"))).isEmpty();
        test.commit(1);
        assertThat(store.get(key("a"))).isEmpty();
        assertThat(store.putIfAbsent(key("a"), value("2"))).isEmpty();
    }

    @Test
    void aKeyOf64KibIsAKey() {
        byte[] large = new byte[64 * 1024];
        Arrays.fill(large, (byte) 7);
        store.put(Bytes.wrap(large), value(large("1")));
        test.commit(1);
        assertThat(text(store.get(Bytes.wrap(large.clone())))).isEqualTo(large("1"));
        try (KeyValueIterator<Bytes, byte[]> iterator = store.all()) {
            assertThat(iterator.next().key.get()).isEqualTo(large);
        }
    }

    @Test
    void aValueAboveTheLimitIsRefusedAndNothingIsWritten() {
        test.put("a", "old");
        assertThatThrownBy(() -> test.put("a", "x".repeat(1001)))
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("documents")
                .hasMessageContaining("1001")
                .hasMessageContaining("vlog.value.bytes.max");
        assertThat(test.get("a")).isEqualTo("old");
    }

    @Test
    void theNumberOfEntriesIsRoughlyRight() {
        putAToE();
        assertThat(store.approximateNumEntries()).isEqualTo(5);
    }

    @Test
    void theNumberOfEntriesIsRightAfterOverwritesAndDeletions() {
        String large = "x".repeat(100);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 1_000; i++) {
                test.put("key" + i, i < 900 ? large : "x");
            }
            test.commit(round);
        }
        for (int i = 0; i < 1_000; i += 2) {
            test.delete("key" + i);
        }
        test.commit(3);
        assertThat(store.approximateNumEntries()).isBetween(450L, 450L + 3 * 100);
        for (int i = 1; i < 1_000; i += 2) {
            test.delete("key" + i);
        }
        test.commit(4);
        assertThat(store.approximateNumEntries()).isLessThanOrEqualTo(3 * 100);
    }

    @Test
    void anEmptiedStoreOfLargeValuesHasNoEntries() {
        for (int i = 0; i < 1_000; i++) {
            test.put("key" + i, "x".repeat(100));
        }
        test.commit(1);
        for (int i = 0; i < 1_000; i++) {
            test.delete("key" + i);
        }
        test.commit(2);
        assertThat(store.approximateNumEntries()).isZero();
    }

    @Test
    void itIsPersistent() {
        assertThat(store.persistent()).isTrue();
        assertThat(store.name()).isEqualTo(TestKeyValueStore.NAME);
    }

    private static List<String> keys(KeyValueIterator<Bytes, byte[]> iterator) {
        return drain(iterator).stream()
                .map(entry -> entry.substring(0, entry.indexOf('=')))
                .toList();
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static io.vlogstreams.internal.streams.TestKeyValueStore.key;
import static io.vlogstreams.internal.streams.TestKeyValueStore.large;
import static io.vlogstreams.internal.streams.TestKeyValueStore.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.KafkaOnClassPath;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.state.HeadersBytesStore;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.TimestampedBytesStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A store that is opened in a later value format than the one it was written in: plain, timestamped, with headers. */
class VLogKeyValueStoreFormatsTest {

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @AfterEach
    void close() {
        if (test != null) {
            test.close();
        }
    }

    private TestKeyValueStore open(ValueFormat format) {
        close();
        test = TestKeyValueStore.in(temp.resolve("task")).format(format).open();
        return test;
    }

    @Test
    void aPlainValueGetsATimestampThatSaysUnknown() {
        open(ValueFormat.PLAIN).put("small", "1");
        test.put("large", large("1"));
        open(ValueFormat.TIMESTAMPED);
        for (String key : new String[] {"small", "large"}) {
            ByteBuffer bytes = ByteBuffer.wrap(test.store().get(key(key)));
            assertThat(bytes.getLong()).isEqualTo(-1);
        }
        assertThat(test.store().get(key("large")))
                .isEqualTo(TimestampedBytesStore.convertToTimestampedFormat(value(large("1"))));
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void aPlainValueGetsTimestampAndHeaders() {
        open(ValueFormat.PLAIN).put("a", large("1"));
        open(ValueFormat.HEADERS);
        assertThat(test.store().get(key("a")))
                .isEqualTo(HeadersBytesStore.convertFromPlainToHeaderFormat(value(large("1"))));
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void aTimestampedValueGetsHeaders() {
        byte[] timestamped = timestamped(77, large("1"));
        open(ValueFormat.TIMESTAMPED).store().put(key("a"), timestamped);
        open(ValueFormat.HEADERS);
        assertThat(test.store().get(key("a"))).isEqualTo(HeadersBytesStore.convertToHeaderFormat(timestamped));
    }

    @Test
    @EnabledIf(KafkaOnClassPath.IS_43)
    void valuesOfAllFormatsAreMixedInOneStore() {
        open(ValueFormat.PLAIN).put("a", large("plain"));
        test.put("b", "plain");
        test.put("c", "plain");
        byte[] timestamped = timestamped(77, large("timestamped"));
        open(ValueFormat.TIMESTAMPED).store().put(key("b"), timestamped);
        byte[] withHeaders = HeadersBytesStore.convertToHeaderFormat(timestamped(78, large("headers")));
        open(ValueFormat.HEADERS).store().put(key("c"), withHeaders);
        assertHolds(Map.of(
                "a", HeadersBytesStore.convertFromPlainToHeaderFormat(value(large("plain"))),
                "b", HeadersBytesStore.convertToHeaderFormat(timestamped),
                "c", withHeaders));
        test.commit(1);
        open(ValueFormat.HEADERS);
        assertHolds(Map.of(
                "a", HeadersBytesStore.convertFromPlainToHeaderFormat(value(large("plain"))),
                "b", HeadersBytesStore.convertToHeaderFormat(timestamped),
                "c", withHeaders));
    }

    @Test
    void theOldValueThatADeleteReturnsIsConverted() {
        open(ValueFormat.PLAIN).put("a", large("1"));
        open(ValueFormat.TIMESTAMPED);
        assertThat(test.store().putIfAbsent(key("a"), timestamped(1, "2")))
                .isEqualTo(TimestampedBytesStore.convertToTimestampedFormat(value(large("1"))));
        assertThat(test.store().delete(key("a")))
                .isEqualTo(TimestampedBytesStore.convertToTimestampedFormat(value(large("1"))));
    }

    @Test
    void anEmptyPlainValueIsConverted() {
        open(ValueFormat.PLAIN).put("a", "");
        open(ValueFormat.TIMESTAMPED);
        assertThat(test.store().get(key("a"))).hasSize(Long.BYTES);
    }

    @Test
    void offsetsAndPositionSurviveTheUpgrade() {
        open(ValueFormat.PLAIN);
        test.context().processing("input", 0, 5);
        test.put("a", "1");
        test.commit(3);
        open(ValueFormat.TIMESTAMPED);
        assertThat(test.committedOffset()).isEqualTo(3);
        assertThat(test.store().getPosition().getPartitionPositions("input")).isEqualTo(Map.of(0, 5L));
    }

    @Test
    void anUpgradeThatWroteNothingCanBeTakenBack() {
        open(ValueFormat.PLAIN).put("a", "1");
        test.commit(3);
        open(ValueFormat.TIMESTAMPED);
        open(ValueFormat.PLAIN);
        assertThat(test.get("a")).isEqualTo("1");
    }

    @ParameterizedTest
    @EnabledIf(KafkaOnClassPath.IS_43)
    @CsvSource({"TIMESTAMPED,PLAIN", "HEADERS,PLAIN", "HEADERS,TIMESTAMPED"})
    void aDowngradeIsRefused(ValueFormat from, ValueFormat to) {
        open(from).store().put(key("a"), new byte[50]);
        test.commit(1);
        test.close();
        TestKeyValueStore downgraded =
                TestKeyValueStore.in(temp.resolve("task")).format(to);
        assertThatThrownBy(downgraded::open)
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining(TestKeyValueStore.NAME)
                .hasMessageContaining(from.description())
                .hasMessageContaining(to.description());
        downgraded.close();
    }

    @Test
    void aRefusedDowngradeLeavesTheStoreAsItIs() {
        open(ValueFormat.TIMESTAMPED).store().put(key("a"), timestamped(1, "1"));
        test.commit(1);
        test.close();
        assertThatThrownBy(() -> TestKeyValueStore.in(temp.resolve("task"))
                        .format(ValueFormat.PLAIN)
                        .open())
                .isInstanceOf(ProcessorStateException.class);
        open(ValueFormat.TIMESTAMPED);
        assertThat(test.store().get(key("a"))).isEqualTo(timestamped(1, "1"));
    }

    @Test
    void aFormatFromTheFutureIsRefused() {
        assertThatThrownBy(() -> StoredFormats.ofExistingStore("s", new byte[] {0, 9}, ValueFormat.HEADERS))
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("9");
    }

    private void assertHolds(Map<String, byte[]> expected) {
        expected.forEach(
                (key, bytes) -> assertThat(test.store().get(key(key))).as(key).isEqualTo(bytes));
        for (boolean ascending : new boolean[] {true, false}) {
            Map<String, byte[]> found = new TreeMap<>();
            try (KeyValueIterator<Bytes, byte[]> iterator =
                    ascending ? test.store().all() : test.store().reverseAll()) {
                while (iterator.hasNext()) {
                    KeyValue<Bytes, byte[]> entry = iterator.next();
                    found.put(TestKeyValueStore.text(entry.key.get()), entry.value);
                }
            }
            assertThat(found).containsOnlyKeys(expected.keySet());
            found.forEach((key, bytes) -> assertThat(bytes).as(key).isEqualTo(expected.get(key)));
        }
    }

    private static byte[] timestamped(long timestamp, String value) {
        byte[] bytes = value(value);
        return ByteBuffer.allocate(Long.BYTES + bytes.length)
                .putLong(timestamp)
                .put(bytes)
                .array();
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vlogstreams.FakeStateStoreContext;
import io.vlogstreams.FolderOfOpenStore;
import io.vlogstreams.VLogConfig;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.KeyValueIterator;

/** A store in a task folder, opened like by Kafka Streams, with text as keys and values. */
final class TestKeyValueStore implements AutoCloseable {

    static final String NAME = "documents";
    static final TopicPartition CHANGELOG = new TopicPartition("app-documents-changelog", 0);

    private final Path taskFolder;
    private final Map<String, Object> properties = new HashMap<>();
    private ValueFormat format = ValueFormat.PLAIN;
    private TaskId taskId = new TaskId(0, 0);
    private boolean saysChangelog;
    private String changelog;
    private FakeStateStoreContext context;
    private VLogKeyValueStore store;

    private TestKeyValueStore(Path taskFolder) {
        this.taskFolder = taskFolder;
        properties.put(VLogConfig.FILE_BYTES_MAX, 1024);
        properties.put(VLogConfig.THRESHOLD_BYTES, 16);
    }

    static TestKeyValueStore in(Path taskFolder) {
        return new TestKeyValueStore(taskFolder);
    }

    TestKeyValueStore with(String property, Object value) {
        properties.put(property, value);
        return this;
    }

    TestKeyValueStore exactlyOnce() {
        return with(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    }

    /** Sets whether Kafka Streams says that the store has a changelog. */
    TestKeyValueStore withChangelog(boolean has) {
        saysChangelog = true;
        changelog = has ? CHANGELOG.topic() : null;
        return this;
    }

    TestKeyValueStore global() {
        taskId = new TaskId(-1, -1);
        return this;
    }

    TestKeyValueStore format(ValueFormat valueFormat) {
        format = valueFormat;
        return this;
    }

    /** Opens a new instance on the folder. */
    TestKeyValueStore open() {
        create();
        store.init(saysChangelog ? LoggedContext.of(context, changelog) : context, store);
        return this;
    }

    /** Creates a new instance that is not open yet. */
    TestKeyValueStore create() {
        context = new FakeStateStoreContext(taskFolder, properties, taskId);
        store = (VLogKeyValueStore)
                VLogStoreSupplier.of(NAME, format, VLogConfig.defaults()).get();
        return this;
    }

    TestKeyValueStore reopen() {
        store.close();
        return open();
    }

    @Override
    public void close() {
        if (store != null) {
            store.close();
        }
    }

    /** Copies the state that a killed process would leave now, with the same properties; not open. */
    TestKeyValueStore killed(Path copy) throws IOException {
        new FolderOfOpenStore(taskFolder).copyTo(copy);
        TestKeyValueStore left = new TestKeyValueStore(copy);
        left.properties.putAll(properties);
        left.format = format;
        left.taskId = taskId;
        left.saysChangelog = saysChangelog;
        left.changelog = changelog;
        return left;
    }

    VLogKeyValueStore store() {
        return store;
    }

    FakeStateStoreContext context() {
        return context;
    }

    Path folder() {
        return taskFolder.resolve("vlog").resolve(NAME);
    }

    /** Returns the total length of the current files, without those that are deleted meanwhile. */
    long vlogBytes() {
        return Stream.of(folder().resolve("vlog").toFile().listFiles())
                .mapToLong(File::length)
                .sum();
    }

    void put(String key, String value) {
        store.put(key(key), value(value));
    }

    void delete(String key) {
        store.delete(key(key));
    }

    String get(String key) {
        return text(store.get(key(key)));
    }

    void commit(long offset) {
        store.commit(Map.of(CHANGELOG, offset));
    }

    @SuppressWarnings("deprecation") // Streams calls it
    Long committedOffset() {
        return store.committedOffset(CHANGELOG);
    }

    void restore(long firstOffset, String... keysAndValues) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            records.add(new ConsumerRecord<>(
                    CHANGELOG.topic(),
                    CHANGELOG.partition(),
                    firstOffset + i / 2,
                    key(keysAndValues[i]).get(),
                    value(keysAndValues[i + 1])));
        }
        context.restore(records);
    }

    /** Returns all entries in order, as {@code key=value}. */
    List<String> all() {
        return drain(store.all());
    }

    /** Returns all entries of the iterator and closes it. */
    static List<String> drain(KeyValueIterator<Bytes, byte[]> iterator) {
        List<String> entries = new ArrayList<>();
        try (iterator) {
            while (iterator.hasNext()) {
                KeyValue<Bytes, byte[]> entry = iterator.next();
                entries.add(new String(entry.key.get(), UTF_8) + "=" + text(entry.value));
            }
        }
        return Collections.unmodifiableList(entries);
    }

    static Bytes key(String key) {
        return Bytes.wrap(key.getBytes(UTF_8));
    }

    static byte[] value(String value) {
        return value == null ? null : value.getBytes(UTF_8);
    }

    static String text(byte[] value) {
        return value == null ? null : new String(value, UTF_8);
    }

    /** Returns a value that is separated from its key. */
    static String large(Object content) {
        return content + "-" + "x".repeat(100);
    }
}

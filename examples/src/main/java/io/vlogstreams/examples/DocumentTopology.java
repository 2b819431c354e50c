/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.examples;

import io.vlogstreams.VLogCleanup;
import io.vlogstreams.VLogConfig;
import io.vlogstreams.VLogStores;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Keeps the newest version of each document, and the number of its versions. */
final class DocumentTopology {
    static final String DOCUMENTS = "documents";
    static final String REVISIONS = "revisions";

    /** Small for a store of this size, so that many VLog files are created and deleted. */
    static final int VLOG_FILE_BYTES = 4 << 20;

    private DocumentTopology() {}

    static Topology build(String topic, int maxRecordBytes) {
        return new Topology()
                .addSource(
                        "files",
                        Serdes.String().deserializer(),
                        Serdes.ByteArray().deserializer(),
                        topic)
                .addProcessor("keep-newest", KeepNewest::new, "files")
                .addProcessor("cleanup", VLogCleanup.<String, byte[]>processor(DOCUMENTS, REVISIONS), "files")
                .addStateStore(store(DOCUMENTS, Serdes.ByteArray(), maxRecordBytes), "keep-newest", "cleanup")
                .addStateStore(store(REVISIONS, Serdes.Long(), maxRecordBytes), "keep-newest", "cleanup");
    }

    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> values, int maxRecordBytes) {
        var config = VLogConfig.of(Map.of(VLogConfig.FILE_BYTES_MAX, VLOG_FILE_BYTES));
        return Stores.keyValueStoreBuilder(VLogStores.persistentKeyValueStore(name, config), Serdes.String(), values)
                .withLoggingEnabled(
                        Map.of("max.message.bytes", String.valueOf(maxRecordBytes + Cluster.RECORD_OVERHEAD_BYTES)));
    }

    /** Each version replaces the previous one; a version without a value deletes the document, and counts too. */
    @SuppressWarnings("NullAway.Init") // Kafka Streams calls init first.
    private static final class KeepNewest extends ContextualProcessor<String, byte[], Void, Void> {
        private KeyValueStore<String, byte[]> documents;
        private KeyValueStore<String, Long> revisions;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            super.init(context);
            documents = context.getStateStore(DOCUMENTS);
            revisions = context.getStateStore(REVISIONS);
        }

        @Override
        public void process(Record<String, byte[]> version) {
            documents.put(version.key(), version.value());
            Long before = revisions.get(version.key());
            revisions.put(version.key(), before == null ? 1 : before + 1);
        }
    }
}

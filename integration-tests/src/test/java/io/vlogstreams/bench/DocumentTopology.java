/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import io.vlogstreams.VLogCleanup;
import io.vlogstreams.VLogDslStoreSuppliers;
import io.vlogstreams.broker.KafkaRocksDbStores;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * An aggregation of the DSL: every event changes a few bytes of the large document of its key. The output is the head
 * of the document: the number of its events, and the time when the last one was sent.
 */
final class DocumentTopology {

    static final String EVENTS = "events";
    static final String HEADS = "heads";
    static final String DOCUMENTS = "documents";

    /** The time when the event is sent, then the bytes for the document. */
    static final int EVENT_BYTES = 100;

    private static final int HEAD_BYTES = 2 * Long.BYTES;
    private static final int COMMIT_INTERVAL_MS = 1000;

    private DocumentTopology() {}

    static Topology of(StoreKind kind, Input documents) {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<Integer, byte[]> changed = builder.stream(EVENTS, Consumed.with(Serdes.Integer(), Serdes.ByteArray()))
                .groupByKey()
                .aggregate(
                        () -> null,
                        (key, event, document) -> apply(
                                event, document == null ? documents.value(key, 0) : document.clone(), document == null),
                        // With a cache in between, it would be open when a put reaches the store.
                        Materialized.<Integer, byte[], KeyValueStore<Bytes, byte[]>>as(DOCUMENTS)
                                .withKeySerde(Serdes.Integer())
                                .withValueSerde(Serdes.ByteArray())
                                .withCachingDisabled())
                .toStream();
        if (kind == StoreKind.VLOG) {
            changed = changed.processValues(VLogCleanup.fixedKeyProcessor(DOCUMENTS), DOCUMENTS);
        }
        changed.mapValues(document -> ByteBuffer.allocate(HEAD_BYTES)
                        .put(document, 0, HEAD_BYTES)
                        .array())
                .to(HEADS, Produced.with(Serdes.Integer(), Serdes.ByteArray()));
        return builder.build();
    }

    private static byte[] apply(byte[] event, byte[] document, boolean isNew) {
        ByteBuffer head = ByteBuffer.wrap(document);
        long count = (isNew ? 0 : head.getLong(0)) + 1;
        head.putLong(0, count);
        head.putLong(Long.BYTES, ByteBuffer.wrap(event).getLong());
        int room = document.length - HEAD_BYTES - event.length;
        if (room > 0) {
            head.put(HEAD_BYTES + (int) (count * event.length % room), event);
        }
        return document;
    }

    /** Returns the number of events of a document, or of its head. */
    static long count(byte[] document) {
        return ByteBuffer.wrap(document).getLong();
    }

    /** Returns the time when the last event was sent. */
    static long sentNanos(byte[] document) {
        return ByteBuffer.wrap(document).getLong(Long.BYTES);
    }

    static Properties properties(StoreKind kind, String bootstrapServers, Path stateFolder) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "benchmark");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MS);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        properties.put(
                StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG,
                kind == StoreKind.VLOG ? VLogDslStoreSuppliers.class : KafkaRocksDbStores.class);
        return properties;
    }
}

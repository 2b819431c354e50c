/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * On shutdown Kafka Streams 4.4.0 commits transactional stores even if it could not commit their transaction. The
 * writes of that transaction must stay uncommitted, so that closing the store discards them.
 */
@EnabledIf(KafkaOnClassPath.IS_44)
class FailedTransactionTest {

    private static final String STORE = "store";
    private static final String FAIL = "fail";
    private static final TopicPartition CHANGELOG = new TopicPartition("app-store-changelog", 0);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCommitInAnOpenTransactionCommitsNothing(boolean logged) {
        try (TestTopology test = start(logged)) {
            test.input("input").pipeInput("a", "committed");
            KeyValueStore<String, String> store = test.driver().getKeyValueStore(STORE);
            Long offset = store.committedOffset(CHANGELOG);
            assertThat(store.approximateNumUncommittedBytes()).isZero();
            assertThatThrownBy(() -> test.input("input").pipeInput("a", FAIL)).hasRootCauseMessage(FAIL);

            // As on shutdown, after which the task is closed.
            store.commit(logged ? Map.of(CHANGELOG, 99L) : Map.of());

            assertThat(store.approximateNumUncommittedBytes()).isPositive();
            assertThat(store.get("a")).isEqualTo(FAIL);
            assertThat(store.readOnly(IsolationLevel.READ_COMMITTED).get("a")).isEqualTo("committed");
            assertThat(store.committedOffset(CHANGELOG)).isEqualTo(offset);
        }
    }

    private TestTopology start(boolean logged) {
        StoreBuilder<KeyValueStore<String, String>> builder = Stores.keyValueStoreBuilder(
                VLogStores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.String());
        Topology topology = new Topology()
                .addSource("source", "input")
                .addProcessor("processor", Failing::new, "source")
                .addStateStore(logged ? builder : builder.withLoggingDisabled(), "processor")
                // For a transaction even without a changelog.
                .addSink("sink", "output", "processor");
        return new TestTopology(
                folder,
                topology,
                Map.of(
                        StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                        StreamsConfig.EXACTLY_ONCE_V2,
                        "enable.transactional.statestores",
                        true));
    }

    /** Writes before it fails. */
    private static final class Failing implements Processor<String, String, String, String> {

        private ProcessorContext<String, String> context;
        private KeyValueStore<String, String> store;

        @Override
        public void init(ProcessorContext<String, String> initContext) {
            context = initContext;
            store = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<String, String> record) {
            store.put(record.key(), record.value());
            context.forward(record);
            if (record.value().equals(FAIL)) {
                throw new IllegalStateException(FAIL);
            }
        }
    }
}

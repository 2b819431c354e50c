/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static io.vlogstreams.broker.Topologies.STORE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.VLogDslStoreSuppliers;
import io.vlogstreams.VLogStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stores that are reopened as another kind, or without a matching changelog. */
class ReopenIT extends BrokerTest {

    private final Map<String, Payload> expected = new TreeMap<>();
    private String input;

    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void aStoreWithoutChangelogSurvivesACleanRestart(String guarantee) {
        input = topic("input", 1);
        App first = app(this::unlogged, guarantee(guarantee)).start();
        write(0, 100);
        first.close();

        App second = app(this::unlogged, guarantee(guarantee)).start();
        assertThat(second.contents(STORE)).isEqualTo(expected);
        write(100, 130);
        assertThat(second.contents(STORE)).isEqualTo(expected);
    }

    private Topology unlogged() {
        return Topologies.documents(
                input,
                StoreFormat.PLAIN,
                Stores.keyValueStoreBuilder(
                                VLogStores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
                        .withLoggingDisabled());
    }

    @Test
    void plainBecomesTimestampedBecomesHeadersInPlace() {
        input = topic("input", 1);
        int written = 0;
        for (StoreFormat format : StoreFormat.values()) {
            App app = app(() -> Topologies.documents(input, format), guarantee(AT_LEAST_ONCE))
                    .start();
            assertThat(app.contents(STORE)).isEqualTo(expected);
            assertThat(app.restored().records(STORE)).isZero();
            write(written, written + 60);
            written += 60;
            assertThat(app.contents(STORE)).isEqualTo(expected);
            app.close();
        }

        App downgraded = app(() -> Topologies.documents(input, StoreFormat.TIMESTAMPED), guarantee(AT_LEAST_ONCE));
        assertThatThrownBy(downgraded::start)
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("is not supported");
    }

    @Test
    void aDslTableGetsHeadersInPlace() {
        input = topic("input", 1);
        Map<String, String> settings = with(
                guarantee(EXACTLY_ONCE_V2),
                Map.of(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, VLogDslStoreSuppliers.class.getName()));
        App timestamped = app(this::table, settings).start();
        write(0, 60);
        assertThat(timestamped.contents(STORE)).isEqualTo(expected);
        timestamped.close();

        App headers = app(
                        this::table,
                        with(
                                settings,
                                Map.of(StreamsConfig.DSL_STORE_FORMAT_CONFIG, StreamsConfig.DSL_STORE_FORMAT_HEADERS)))
                .start();
        assertThat(headers.contents(STORE)).isEqualTo(expected);
        assertThat(headers.restored().records(STORE)).isZero();
        write(60, 120);
        assertThat(headers.contents(STORE)).isEqualTo(expected);
    }

    private Topology table() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.table(
                input,
                Consumed.with(Serdes.String(), Serdes.ByteArray()),
                Materialized.<String, byte[], KeyValueStore<Bytes, byte[]>>as(STORE));
        return builder.build();
    }

    /** The file says that the store is at the end of the changelog, but it belongs to another store of this name. */
    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void aCheckpointFileOfAnotherStoreIsNotBelieved(String guarantee) throws IOException {
        input = topic("input", 1);
        App rocksDb = app(this::rocksDb, guarantee(guarantee)).start();
        write(0, 100);
        rocksDb.close();
        long lastOffset = broker.end(changelog(STORE)) - 1;
        Path checkpoint = StateFolders.task(stateFolder(), applicationId, "0_0").resolve(".checkpoint");
        Files.writeString(checkpoint, "0\n1\n%s 0 %d\n".formatted(changelog(STORE), lastOffset), UTF_8);

        App vlog = app(() -> Topologies.documents(input, StoreFormat.PLAIN), guarantee(guarantee))
                .start();
        assertThat(vlog.contents(STORE)).isEqualTo(expected);
        assertThat(vlog.restored().records(STORE)).isEqualTo(100);
        assertThat(checkpoint).doesNotExist();
        write(100, 120);
        vlog.close();

        App again = app(() -> Topologies.documents(input, StoreFormat.PLAIN), guarantee(guarantee))
                .start();
        assertThat(again.contents(STORE)).isEqualTo(expected);
        assertThat(again.restored().records(STORE)).isZero();
    }

    private Topology rocksDb() {
        return Topologies.documents(
                input,
                StoreFormat.PLAIN,
                Stores.keyValueStoreBuilder(KafkaRocksDbStores.plain(STORE), Serdes.String(), Serdes.ByteArray()));
    }

    /** Streams writes such a file for the older version, and commits its offsets to the stores at the next start. */
    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void aDeletedStoreIsRestoredAlthoughThereIsACheckpointFile(String guarantee) throws IOException {
        input = topic("input", 1);
        Map<String, String> settings = with(guarantee(guarantee), Map.of(StreamsConfig.UPGRADE_FROM_CONFIG, "4.2"));
        Path task = StateFolders.task(stateFolder(), applicationId, "0_0");
        App first = app(() -> Topologies.documents(input, StoreFormat.PLAIN), settings)
                .start();
        write(0, 100);
        first.close();
        for (Path deleted : List.of(StateFolders.store(task, STORE), task.resolve("vlog"))) {
            assertThat(task.resolve(".checkpoint")).exists();
            Utils.delete(deleted.toFile());
            App again = app(() -> Topologies.documents(input, StoreFormat.PLAIN), settings)
                    .start();
            assertThat(again.contents(STORE)).isEqualTo(expected);
            again.close();
        }
    }

    /** The folder holds keys that the other store deleted, and a compacted changelog has no tombstones for them. */
    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void aFolderThatStayedBehindWhileKafkasStoreWasInUseIsNotBelieved(String guarantee) {
        input = topic("input", 1);
        App first = app(() -> Topologies.documents(input, StoreFormat.PLAIN), guarantee(guarantee))
                .start();
        write(0, 100);
        first.close();
        App rocksDb = app(this::rocksDb, guarantee(guarantee)).start();
        write(100, 150);
        rocksDb.close();

        App again = app(() -> Topologies.documents(input, StoreFormat.PLAIN), guarantee(guarantee))
                .start();
        assertThat(again.contents(STORE)).isEqualTo(expected);
        assertThat(again.restored().records(STORE)).as("from the beginning").isEqualTo(150);
        again.close();
        App last = app(() -> Topologies.documents(input, StoreFormat.PLAIN), guarantee(guarantee))
                .start();
        assertThat(last.contents(STORE)).isEqualTo(expected);
        assertThat(last.restored().records(STORE)).isZero();
    }

    private void write(int from, int to) {
        for (int i = from; i < to; i++) {
            String key = "key-" + i % 45;
            if (i % 8 == 5) {
                broker.send(input, key, null);
                expected.remove(key);
            } else {
                Payload payload = new Payload(key, i, 100 + i * i * 7 % 30_000);
                broker.send(input, key, payload.encode());
                expected.put(key, payload);
            }
        }
        awaitProcessed(input);
    }
}

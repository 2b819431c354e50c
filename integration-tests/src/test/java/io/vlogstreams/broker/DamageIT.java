/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static io.vlogstreams.broker.Topologies.STORE;
import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.apache.kafka.streams.StreamsConfig.EXACTLY_ONCE_V2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vlogstreams.VLogKafkaClientSupplier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged bytes on the disk are restored from the changelog, and nothing else is lost. */
class DamageIT extends BrokerTest {

    private static final String OTHER_STORE = "other-documents";
    private static final int KEYS = 40;

    private static final Map<String, String> SETTINGS = Map.of(
            StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG,
            VLogKafkaClientSupplier.class.getName(),
            "vlog.threshold.bytes",
            "0",
            "vlog.cache.bytes",
            "0");

    private String input;

    /**
     * Under at-least-once Streams reopens the task at its offset, and would read the damaged value again and again.
     */
    @Test
    void underAtLeastOnceADamagedValueThatAProcessorReadsIsRestored() throws IOException {
        input = topic("input", 1);
        App app = app(() -> Topologies.counts(input), with(guarantee(AT_LEAST_ONCE), SETTINGS));
        damageAndReadAgain(app);
        assertThat(app.restored().records(STORE)).isEqualTo(KEYS);
    }

    @Test
    void underExactlyOnceItIsRestoredByTheThreadThatTakesOver() throws IOException {
        input = topic("input", 1);
        App app = app(() -> Topologies.counts(input), with(guarantee(EXACTLY_ONCE_V2), SETTINGS));
        damageAndReadAgain(app.replacingThreads());
        assertThat(app.restored().records(STORE)).isGreaterThanOrEqualTo(KEYS);
    }

    private void damageAndReadAgain(App app) throws IOException {
        app.start();
        send();
        awaitProcessed(input);
        await("the values to be in the file")
                .atMost(PATIENCE)
                .until(() -> StateFolders.vlogBytes(storeFolder(STORE)) > 10_000);
        damageTheFirstValue();

        send();
        awaitProcessed(input);
        app.awaitRunning();
        assertThat(app.contents(STORE)).isEqualTo(counts(2));
        app.close();
        assertThat(Payload.decodeAll(broker.table(changelog(STORE)))).isEqualTo(counts(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {AT_LEAST_ONCE, EXACTLY_ONCE_V2})
    void aStoreThatLostAFileIsRestoredAndTheOthersOfItsTaskAreNot(String guarantee) throws IOException {
        input = topic("input", 1);
        Map<String, String> settings = with(guarantee(guarantee), SETTINGS);
        App first = app(this::twoStores, settings).start();
        send();
        awaitProcessed(input);
        first.close();
        Files.delete(StateFolders.vlogFiles(storeFolder(STORE)).get(0).toPath());
        StateFolders.mark(storeFolder(OTHER_STORE));

        App second = app(this::twoStores, settings).start();
        assertThat(second.contents(STORE)).isEqualTo(documents());
        assertThat(second.contents(OTHER_STORE)).isEqualTo(documents());
        assertThat(second.restored().records(STORE)).isEqualTo(KEYS);
        assertThat(second.restored().records(OTHER_STORE)).isZero();
        assertThat(StateFolders.isMarked(storeFolder(OTHER_STORE))).isTrue();
    }

    private Topology twoStores() {
        return new Topology()
                .addSource("input", new StringDeserializer(), new ByteArrayDeserializer(), input)
                .addProcessor("both", PutIntoBoth::new, "input")
                .addStateStore(StoreFormat.TIMESTAMPED.builder(STORE), "both")
                .addStateStore(StoreFormat.TIMESTAMPED.builder(OTHER_STORE), "both");
    }

    private static final class PutIntoBoth extends ContextualProcessor<String, byte[], Void, Void> {

        private List<StoreFormat.Table> tables;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            super.init(context);
            tables = List.of(
                    StoreFormat.TIMESTAMPED.open(STORE, context), StoreFormat.TIMESTAMPED.open(OTHER_STORE, context));
        }

        @Override
        public void process(Record<String, byte[]> document) {
            tables.forEach(table -> table.put(document));
        }
    }

    private void send() {
        documents().forEach((key, document) -> broker.send(input, key, document.encode()));
        broker.flush();
    }

    private static Map<String, Payload> documents() {
        Map<String, Payload> documents = new TreeMap<>();
        for (int i = 0; i < KEYS; i++) {
            documents.put("key-" + i, new Payload("key-" + i, i, 1000));
        }
        return documents;
    }

    private static Map<String, Payload> counts(int each) {
        Map<String, Payload> counts = new TreeMap<>();
        documents().keySet().forEach(key -> counts.put(key, Topologies.count(key, each)));
        return counts;
    }

    /** Damages the middle of the first value: no value is shorter than 200 bytes, and the bytes before it are fewer. */
    private void damageTheFirstValue() throws IOException {
        Path file = StateFolders.vlogFiles(storeFolder(STORE)).get(0).toPath();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, 150);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            channel.write(one, 150);
        }
    }

    private Path storeFolder(String store) {
        return StateFolders.store(StateFolders.task(stateFolder(), applicationId, "0_0"), store);
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static io.vlogstreams.broker.Topologies.STORE;
import static org.apache.kafka.streams.StreamsConfig.AT_LEAST_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vlogstreams.VLogCleanup;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.Test;

/** Tests {@link VLogCleanup} in an application that overwrites its data repeatedly. */
class CleanupIT extends BrokerTest {

    private static final int KEYS = 40;
    private static final int VALUE_BYTES = 20_000;
    private static final int FILE_BYTES = 64 << 10;

    private static final Map<String, String> SETTINGS = with(
            guarantee(AT_LEAST_ONCE),
            Map.of(
                    "vlog.file.bytes.max", String.valueOf(FILE_BYTES),
                    "vlog.append.buffer.bytes", "4096",
                    "vlog.cleanup.interval.ms", "50"));

    private final Map<String, Payload> expected = new TreeMap<>();
    private String input;

    @Test
    void filesWithoutLiveBytesGo() {
        input = topic("input", 1);
        App app = app(this::topology, SETTINGS).start();
        overwrite(0, 5);
        List<File> early = StateFolders.vlogFiles(storeFolder());
        overwrite(5, 25);

        // Everything was written 25 times, and nearly all of it is gone. The rest is live data, in files that all hold
        // some of it, and writes since the last commit.
        long written = 25L * KEYS * VALUE_BYTES;
        await("the files of overwritten values to go")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(StateFolders.vlogBytes(storeFolder())).isLessThan(written / 8));
        assertThat(StateFolders.vlogFiles(storeFolder())).doesNotContainAnyElementsOf(early);
        assertThat(app.contents(STORE)).isEqualTo(expected);
        app.close();

        App again = app(this::topology, SETTINGS).start();
        assertThat(again.contents(STORE)).isEqualTo(expected);
        assertThat(again.restored().records(STORE)).isZero();
        overwrite(25, 27);
        assertThat(again.contents(STORE)).isEqualTo(expected);
    }

    @Test
    void anOpenIteratorKeepsItsFilesAndThePunctuatorDeletesThemAfterwards() {
        input = topic("input", 1);
        App app = app(this::topology, SETTINGS).start();
        overwrite(0, 1);
        Map<String, Payload> before = new TreeMap<>(expected);
        Map<String, Payload> read = new TreeMap<>();
        List<File> pinned;
        try (KeyValueIterator<String, byte[]> iterator = app.store(STORE).all()) {
            // The iterator over all partitions opens that of a store with the first call.
            assertThat(iterator.hasNext()).isTrue();
            pinned = StateFolders.vlogFiles(storeFolder());
            overwrite(1, 8);
            assertThat(StateFolders.vlogFiles(storeFolder())).containsAll(pinned);
            iterator.forEachRemaining(entry -> read.put(entry.key, Payload.decode(entry.key, entry.value)));
        }
        assertThat(read).isEqualTo(before);

        // Without writes there are no commits, so only the punctuator can wake the cleanup.
        await("the files of overwritten values to go")
                .atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(StateFolders.vlogFiles(storeFolder())).doesNotContainAnyElementsOf(pinned));
        assertThat(StateFolders.vlogBytes(storeFolder())).isLessThan(4L * KEYS * VALUE_BYTES);
        assertThat(app.contents(STORE)).isEqualTo(expected);
    }

    private Topology topology() {
        return Topologies.documents(input, StoreFormat.TIMESTAMPED)
                .addProcessor("cleanup", VLogCleanup.<String, byte[]>processor(STORE), "input")
                .connectProcessorAndStateStores("cleanup", STORE);
    }

    private void overwrite(int fromRound, int toRound) {
        for (int round = fromRound; round < toRound; round++) {
            for (int i = 0; i < KEYS; i++) {
                Payload payload = new Payload("key-" + i, round, VALUE_BYTES);
                broker.send(input, payload.key(), payload.encode());
                expected.put(payload.key(), payload);
            }
        }
        awaitProcessed(input);
    }

    private Path storeFolder() {
        return StateFolders.store(StateFolders.task(stateFolder(), applicationId, "0_0"), STORE);
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The content of the stores of a running application, read by interactive queries; in a file, a line per entry. */
record StoreContents(Map<String, Map<String, Fingerprint>> byStore) {

    /** Reads the content of the active tasks of the instance. */
    static StoreContents read(KafkaStreams streams, List<String> stores) {
        return read(streams, stores, UnaryOperator.identity());
    }

    /** Reads the content of the active and standby tasks of the instance. */
    static StoreContents readWithStandbys(KafkaStreams streams, List<String> stores) {
        return read(streams, stores, StoreQueryParameters::enableStaleStores);
    }

    private static StoreContents read(
            KafkaStreams streams,
            List<String> stores,
            UnaryOperator<StoreQueryParameters<ReadOnlyKeyValueStore<String, byte[]>>> parameters) {
        Map<String, Map<String, Fingerprint>> byStore = new TreeMap<>();
        for (String store : stores) {
            Map<String, Fingerprint> contents = new TreeMap<>();
            var query =
                    parameters.apply(StoreQueryParameters.fromNameAndType(store, QueryableStoreTypes.keyValueStore()));
            try (KeyValueIterator<String, byte[]> entries = streams.store(query).all()) {
                entries.forEachRemaining(entry -> contents.put(entry.key, Fingerprint.of(entry.value)));
            }
            byStore.put(store, contents);
        }
        return new StoreContents(byStore);
    }

    /**
     * Reads the content of the active tasks of the instance by IQv2: a query for all keys, and one for each key, which
     * must agree.
     */
    static StoreContents query(KafkaStreams streams, List<String> stores) {
        Map<String, Map<String, Fingerprint>> byStore = new TreeMap<>();
        for (String store : stores) {
            Map<String, Fingerprint> contents = new TreeMap<>();
            for (var partition : ask(streams, store, RangeQuery.<String, byte[]>withNoBounds())) {
                try (KeyValueIterator<String, byte[]> entries = partition) {
                    entries.forEachRemaining(entry -> contents.put(entry.key, Fingerprint.of(entry.value)));
                }
            }
            contents.forEach((key, value) -> {
                List<byte[]> found = ask(streams, store, KeyQuery.<String, byte[]>withKey(key));
                if (found.size() != 1 || !Fingerprint.of(found.get(0)).equals(value)) {
                    throw new IllegalStateException("other by its key than in a range: " + store + " " + key);
                }
            });
            byStore.put(store, contents);
        }
        return new StoreContents(byStore);
    }

    /** Returns the answers of the partitions, without empty ones. */
    private static <R> List<R> ask(KafkaStreams streams, String store, Query<R> query) {
        List<R> answers = new ArrayList<>();
        streams.query(StateQueryRequest.inStore(store).withQuery(query))
                .getPartitionResults()
                .forEach((partition, result) -> {
                    if (result.isFailure()) {
                        throw new IllegalStateException(store + " " + partition + ": " + result.getFailureMessage());
                    }
                    if (result.getResult() != null) {
                        answers.add(result.getResult());
                    }
                });
        return answers;
    }

    /** Returns the content of the store; empty if it is absent. */
    Map<String, Fingerprint> of(String store) {
        return byStore.getOrDefault(store, Map.of());
    }

    void write(Path file) {
        List<String> lines = new ArrayList<>();
        byStore.forEach((store, contents) ->
                contents.forEach((key, value) -> lines.add(store + " " + key + " " + value.encode())));
        try {
            Files.write(file, lines, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static StoreContents readFrom(Path file) {
        Map<String, Map<String, Fingerprint>> byStore = new TreeMap<>();
        try {
            for (String line : Files.readAllLines(file, UTF_8)) {
                String[] words = line.split(" ", -1);
                byStore.computeIfAbsent(words[0], store -> new TreeMap<>()).put(words[1], Fingerprint.decode(words[2]));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new StoreContents(byStore);
    }
}

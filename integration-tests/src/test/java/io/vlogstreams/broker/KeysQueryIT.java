/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static io.vlogstreams.broker.Topologies.STORE;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.VLogKeyIterator;
import io.vlogstreams.VLogKeysQuery;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Queries for keys without values, from outside of the topology and from a processor. */
class KeysQueryIT extends BrokerTest {

    private static final int KEYS = 60;
    private static final VLogKeysQuery<String> ALL = VLogKeysQuery.withNoBounds(Serdes.String());

    /** The keys that the processor of a partition found with its last record. */
    private final Map<Integer, List<String>> foundByProcessors = new ConcurrentHashMap<>();

    @ParameterizedTest
    @EnumSource
    void bothWaysFindTheKeysAndReadNoValue(StoreFormat format) {
        String input = topic("input", 2);
        App app = app(() -> topology(input, format), Map.of()).start();
        NavigableMap<String, Integer> expected = write(input);
        awaitProcessed(input);

        assertThat(valuesRead(app)).isZero();
        Map<Integer, List<String>> found = ask(app, ALL);
        assertThat(found.keySet()).containsExactlyInAnyOrder(0, 1);
        found.values().forEach(keys -> assertThat(keys).isNotEmpty().isSorted());
        assertThat(together(found)).containsExactlyElementsOf(expected.navigableKeySet());
        assertThat(foundByProcessors).isEqualTo(found);

        Map<Integer, List<String>> range = ask(
                app,
                VLogKeysQuery.withRange("key-20", "key-39", Serdes.String()).withDescendingKeys());
        range.values().forEach(keys -> assertThat(keys).isNotEmpty().isSortedAccordingTo(Comparator.reverseOrder()));
        assertThat(together(range))
                .containsExactlyElementsOf(
                        expected.subMap("key-20", true, "key-39", true).navigableKeySet());
        assertThat(valuesRead(app)).isZero();
        assertThat(app.contents(STORE)).hasSameSizeAs(expected);
        assertThat(valuesRead(app)).isEqualTo(expected.size());
    }

    /** Writes records; returns the keys that stay, with their versions. */
    private NavigableMap<String, Integer> write(String input) {
        NavigableMap<String, Integer> expected = new TreeMap<>();
        for (int i = 0; i < 3 * KEYS; i++) {
            String key = "key-" + (10 + i * 7 % KEYS);
            if (i % 5 == 4) {
                broker.send(input, key, null);
                expected.remove(key);
            } else {
                broker.send(input, key, new Payload(key, i, 5000).encode());
                expected.put(key, i);
            }
        }
        return expected;
    }

    private static Map<Integer, List<String>> ask(App app, VLogKeysQuery<String> query) {
        StateQueryRequest<VLogKeyIterator<String>> request =
                StateQueryRequest.inStore(STORE).withQuery(query);
        Map<Integer, List<String>> found = new TreeMap<>();
        app.streams()
                .query(request)
                .getPartitionResults()
                .forEach((partition, result) -> found.put(partition, drain(result)));
        return found;
    }

    private static List<String> drain(QueryResult<VLogKeyIterator<String>> result) {
        List<String> keys = new ArrayList<>();
        try (VLogKeyIterator<String> iterator = result.getResult()) {
            iterator.forEachRemaining(keys::add);
        }
        return keys;
    }

    private static List<String> together(Map<Integer, List<String>> found) {
        return found.values().stream().flatMap(Collection::stream).sorted().toList();
    }

    private static double valuesRead(App app) {
        return app.streams().metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals("reads-total"))
                .mapToDouble(metric -> ((Number) metric.metricValue()).doubleValue())
                .sum();
    }

    private Topology topology(String input, StoreFormat format) {
        return new Topology()
                .addSource("input", new StringDeserializer(), new ByteArrayDeserializer(), input)
                .addProcessor("step", () -> new AskingProcessor(format, foundByProcessors), "input")
                .addStateStore(format.builder(STORE), "step");
    }

    /** Stores each record, and then queries the keys after it. */
    private static final class AskingProcessor extends ContextualProcessor<String, byte[], Void, Void> {

        private final StoreFormat format;
        private final Map<Integer, List<String>> found;
        private StoreFormat.Table table;
        private StateStore store;

        private AskingProcessor(StoreFormat format, Map<Integer, List<String>> found) {
            this.format = format;
            this.found = found;
        }

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            super.init(context);
            table = format.open(STORE, context);
            store = context.getStateStore(STORE);
        }

        @Override
        public void process(Record<String, byte[]> record) {
            table.put(record);
            QueryResult<VLogKeyIterator<String>> result =
                    store.query(ALL, PositionBound.unbounded(), new QueryConfig(false));
            found.put(context().taskId().partition(), drain(result));
        }
    }
}

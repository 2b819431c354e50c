/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * The hot paths of our store, each measured individually with JMH. From the root of the checkout:
 *
 * <pre>
 * mvn -q -Pjmh -pl integration-tests -am -DskipTests package
 * </pre>
 *
 * <p>{@code -Djmh.args="get -p valueBytes=4096 -prof gc"} selects benchmarks; it takes all options of JMH.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgs = "-Xmx1g")
public class HotPaths {

    private static final int KEYS = 10_000;

    /** A store with {@value #KEYS} keys in a folder of its own. */
    @State(Scope.Benchmark)
    public static class Loaded {

        @Param({"100", "1024", "16384"})
        public String valueBytes;

        private Path folder;
        private Input input;
        private KeyValueStore<Bytes, byte[]> store;
        private Bytes[] keys;
        private byte[][] values;
        private int next;
        private long offset;

        @Setup
        public void open() throws IOException {
            folder = Files.createTempDirectory("jmh");
            input = Input.of(ValueSizes.ofOption(valueBytes), KEYS, false, 1);
            Picks order = input.shuffled();
            keys = new Bytes[KEYS];
            for (int i = 0; i < KEYS; i++) {
                keys[i] = input.key(order.at(i));
            }
            // Few values, used repeatedly: the benchmark measures the store, not the creation of values.
            values = new byte[64][];
            for (int i = 0; i < values.length; i++) {
                values[i] = input.value(i, 0);
            }
            store = StoreKind.VLOG.newStore("store");
            TaskContext context = new TaskContext(folder, Map.of());
            store.init(context, store);
            stageAll();
            commit();
        }

        void put() {
            int i = next++;
            store.put(keys[i % KEYS], values[i % values.length]);
        }

        byte[] get() {
            return store.get(keys[next++ % KEYS]);
        }

        void stageAll() {
            for (int i = 0; i < KEYS; i++) {
                store.put(keys[i], values[i % values.length]);
            }
        }

        void commit() {
            store.commit(Map.of(TestedStore.CHANGELOG, offset++));
        }

        @TearDown
        public void close() throws IOException {
            store.close();
            Utils.delete(folder.toFile());
        }
    }

    /** Stages all keys before every call. */
    @State(Scope.Benchmark)
    public static class Staged {

        @Setup(Level.Invocation)
        public void stage(Loaded loaded) {
            loaded.stageAll();
        }
    }

    /** A put, with its share of a commit after every ten thousand puts. */
    @Benchmark
    public void append(Loaded loaded) {
        loaded.put();
        if (loaded.next % KEYS == 0) {
            loaded.commit();
        }
    }

    @Benchmark
    public byte[] get(Loaded loaded) {
        return loaded.get();
    }

    /** The commit of ten thousand staged writes that replace committed ones. */
    @Benchmark
    @Warmup(iterations = 5, time = 2)
    @Measurement(iterations = 10, time = 2)
    public void commit(Loaded loaded, Staged staged) {
        loaded.commit();
    }

    /** All ten thousand entries in key order. */
    @Benchmark
    public void scan(Loaded loaded, Blackhole blackhole) {
        try (KeyValueIterator<Bytes, byte[]> all = loaded.store.all()) {
            while (all.hasNext()) {
                blackhole.consume(all.next());
            }
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import io.vlogstreams.VLogConfig;
import java.io.File;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;

/** Supplies VLog stores that count how often their cleanup is woken, all of them together. */
public final class CountedCleanups implements KeyValueBytesStoreSupplier {

    private final String name;
    private final AtomicInteger count = new AtomicInteger();

    public CountedCleanups(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public KeyValueStore<Bytes, byte[]> get() {
        return new VLogKeyValueStore(name, ValueFormat.PLAIN, VLogConfig.defaults()) {
            @Override
            void cleanUp() {
                count.incrementAndGet();
                super.cleanUp();
            }
        };
    }

    @Override
    public String metricsScope() {
        return VLogStoreSupplier.SCOPE;
    }

    public int count() {
        return count.get();
    }

    /** Returns the names of a task's open VLog stores without a schedule, sorted. */
    public static List<String> storesWithout(File taskFolder) {
        Object probe = new Object();
        return OpenStores.all(taskFolder).stream()
                .filter(store -> store.takeCleanup(probe))
                .peek(store -> store.leaveCleanup(probe))
                .map(VLogKeyValueStore::name)
                .sorted()
                .toList();
    }

    /** Returns the names of a task's open VLog stores, sorted. */
    public static List<String> stores(File taskFolder) {
        return OpenStores.all(taskFolder).stream()
                .map(VLogKeyValueStore::name)
                .sorted()
                .toList();
    }
}

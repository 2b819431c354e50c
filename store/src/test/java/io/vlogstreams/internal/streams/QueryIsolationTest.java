/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.VLogConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the thread of a task sees of its store, and what querying threads see. */
class QueryIsolationTest {

    @TempDir
    Path temp;

    private TestKeyValueStore test;

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void byDefaultAQuerySeesWhatIsNotCommitted() {
        test = store("read_uncommitted").open();
        test.put("a", "staged");
        assertThat(queried(() -> test.get("a"))).isEqualTo("staged");
        assertThat(queried(this::keys)).containsExactly("a");
    }

    @Test
    void aQueryMaySeeCommittedDataOnly() {
        test = store("read_committed").open();
        test.put("a", "committed");
        test.commit(1);
        test.put("a", "staged");
        test.put("b", "staged");

        assertThat(queried(() -> test.get("a"))).isEqualTo("committed");
        assertThat(queried(() -> test.get("b"))).isNull();
        assertThat(queried(this::keys)).containsExactly("a");
        test.commit(2);
        assertThat(queried(() -> test.get("a"))).isEqualTo("staged");
        assertThat(queried(this::keys)).containsExactly("a", "b");
    }

    @Test
    void whatWasSpilledIsNotCommitted() {
        test = store("read_committed").with(VLogConfig.STAGED_BYTES_MAX, 0).open();
        test.put("a", "first");
        test.commit(1);
        test.put("a", "spilled");
        test.put("b", "spilled");

        assertThat(queried(() -> test.get("a"))).isEqualTo("first");
        assertThat(queried(this::keys)).containsExactly("a");
    }

    @Test
    void theTaskItselfAlwaysSeesItsWrites() {
        test = store("read_committed").open();
        test.put("a", "staged");
        assertThat(test.get("a")).isEqualTo("staged");
        assertThat(keys()).containsExactly("a");
    }

    private TestKeyValueStore store(String isolation) {
        return TestKeyValueStore.in(temp.resolve("task")).with(VLogConfig.QUERY_ISOLATION_LEVEL, isolation);
    }

    private List<String> keys() {
        List<String> keys = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> iterator = test.store().all()) {
            iterator.forEachRemaining(entry -> keys.add(new String(entry.key.get(), UTF_8)));
        }
        return keys;
    }

    /** Runs the query on another thread than that of the task. */
    private static <T> T queried(Callable<T> query) {
        return CompletableFuture.supplyAsync(() -> {
                    try {
                        return query.call();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                })
                .join();
    }
}

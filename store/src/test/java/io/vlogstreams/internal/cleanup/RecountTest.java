/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.index.IndexBatch;
import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.Inline;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.ValueLocation;
import io.vlogstreams.internal.vlog.ValuePointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecountTest {

    private final MemoryIndex index = new MemoryIndex();

    /** Returns a location in that file; its record has 12 bytes, the key and the value. */
    private static Separated in(long fileId, int keyBytes, int valueBytes) {
        return new Separated(0, new ValuePointer(fileId, 100, keyBytes, valueBytes, 0));
    }

    private void put(String key, ValueLocation location) throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            if (location == null) {
                batch.delete(bytes);
            } else {
                batch.put(bytes, location);
            }
            index.write(batch, false);
        }
    }

    private Map<Long, Long> difference(Map<Long, Long> said) throws IOException {
        try (Recount recount = new Recount(index.openView(), said)) {
            finish(recount);
            return recount.difference();
        }
    }

    private static void finish(Recount recount) throws IOException {
        while (recount.step()) {
            // Until all keys were seen.
        }
    }

    @Test
    void rightCountsHaveNoDifference() throws IOException {
        put("a", in(1, 1, 100));
        put("b", in(2, 1, 200));
        put("c", in(2, 1, 300));
        assertThat(difference(Map.of(1L, 113L, 2L, 213L + 313L))).isEmpty();
    }

    @Test
    void anEmptyIndexAndAnEmptyLedgerHaveNoDifference() throws IOException {
        assertThat(difference(Map.of())).isEmpty();
    }

    @Test
    void tooManyTooFewAndNoneAreFound() throws IOException {
        put("a", in(1, 1, 100));
        put("b", in(2, 1, 100));
        put("c", in(3, 1, 100));
        assertThat(difference(Map.of(1L, 100L, 2L, 120L, 7L, 50L)))
                .containsExactlyInAnyOrderEntriesOf(Map.of(1L, 13L, 2L, -7L, 3L, 113L, 7L, -50L));
    }

    @Test
    void aNegativeCountIsFound() throws IOException {
        put("a", in(1, 1, 100));
        assertThat(difference(Map.of(1L, -5L))).isEqualTo(Map.of(1L, 118L));
    }

    @Test
    void inlineValuesHaveNoBytesInTheLog() throws IOException {
        put("a", new Inline(0, new byte[500]));
        put("b", in(1, 1, 100));
        assertThat(difference(Map.of(1L, 113L))).isEmpty();
    }

    @Test
    void whatChangesMeanwhileIsNotCounted() throws IOException {
        put("a", in(1, 1, 100));
        put("b", in(1, 1, 100));
        try (Recount recount = new Recount(index.openView(), Map.of(1L, 200L))) {
            put("a", in(2, 1, 999));
            put("b", null);
            put("c", in(1, 1, 5000));
            finish(recount);
            assertThat(recount.difference()).isEqualTo(Map.of(1L, 26L));
        }
    }

    @Test
    void manyKeysTakeMoreThanOneStep() throws IOException {
        try (IndexBatch batch = index.newBatch()) {
            for (int i = 0; i < 20_000; i++) {
                batch.put(("key-" + i).getBytes(StandardCharsets.UTF_8), in(1 + i % 3, 4, 84));
            }
            index.write(batch, false);
        }
        try (Recount recount = new Recount(index.openView(), Map.of(1L, 0L))) {
            int steps = 1;
            while (recount.step()) {
                steps++;
            }
            assertThat(steps).isBetween(2, 100);
            assertThat(recount.difference()).isEqualTo(Map.of(1L, 6667 * 100L, 2L, 6667 * 100L, 3L, 6666 * 100L));
        }
    }
}

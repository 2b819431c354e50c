/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static io.vlogstreams.internal.engine.TestStore.bytes;
import static io.vlogstreams.internal.engine.TestStore.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.index.KeyRange;
import io.vlogstreams.internal.vlog.FaultyStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scans of a store whose keys were put in order, so that consecutive records are neighbours. */
class StoreEngineScanNeighboursTest {

    private static final int KEYS = 500;

    @TempDir
    Path folder;

    private final AtomicInteger reads = new AtomicInteger();
    private TestStore store;

    @BeforeEach
    void putInOrder() throws IOException {
        store = TestStore.in(folder)
                .threshold(1)
                .maxFile(1 << 20)
                .committedReads()
                .inMemory()
                .open();
        for (int i = 0; i < KEYS; i++) {
            store.engine().put(bytes(key(i)), bytes(value(i)));
        }
        store.engine().commit(Map.of(), new byte[0]);
        // From now on the file is sealed, because it is full.
        store.maxFile(64).reopen();
        store.engine().put(bytes("zzz"), bytes("last"));
        store.engine().commit(Map.of(), new byte[0]);
        store.storage().beforeCall((operation, name) -> {
            if (operation == FaultyStorage.Operation.READ) {
                reads.incrementAndGet();
            }
        });
    }

    @Test
    void scansReadThemTogether() throws IOException {
        checkAll(store.engine().scan(KeyRange.ALL, true), true);
        checkAll(store.engine().scan(KeyRange.ALL, false), false);
        checkAll(store.engine().scanCommitted(KeyRange.ALL, true), true);
        assertThat(reads).hasValueLessThan(3 * KEYS / 10);
    }

    @Test
    void aScanThatTakesTheFirstEntryReadsNoOther() throws IOException {
        try (StoreScan scan = store.engine().scan(KeyRange.ALL, true)) {
            assertThat(text(scan.value())).isEqualTo(value(0));
        }
        assertThat(reads).hasValue(1);
    }

    private void checkAll(StoreScan scan, boolean ascending) throws IOException {
        try (scan) {
            int count = 0;
            for (; scan.isValid(); scan.advance()) {
                if (!text(scan.key()).equals("zzz")) {
                    int number = ascending ? count : KEYS - 1 - count;
                    assertThat(text(scan.key())).isEqualTo(key(number));
                    assertThat(text(scan.value())).isEqualTo(value(number));
                    count++;
                }
            }
            assertThat(count).isEqualTo(KEYS);
        }
    }

    private static String key(int number) {
        return String.format(Locale.ROOT, "k%05d", number);
    }

    private static String value(int number) {
        return "value of " + number;
    }
}

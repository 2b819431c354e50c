/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.Lifetime;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogOptions;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files of 64 KiB: an eighth of the log is one file when there are eight. */
class ExpectedLifetimesTest {

    private static final int FILE_BYTES = 64 << 10;

    private VLog vlog;
    private ExpectedLifetimes lifetimes;

    @BeforeEach
    void open() throws IOException {
        vlog = VLog.open(
                new FaultyStorage(),
                new VLogOptions(FILE_BYTES, 4096, 100, 0, ChecksumLevel.FULL),
                VLogTail.EMPTY,
                id -> false);
        lifetimes = new ExpectedLifetimes(vlog);
    }

    @AfterEach
    void close() {
        vlog.close();
    }

    @Test
    void aNewKeyMayLiveLong() throws IOException {
        append(16 * FILE_BYTES);
        for (int i = 0; i < 1000; i++) {
            assertThat(next("key-" + i)).isEqualTo(Lifetime.LONG);
        }
    }

    @Test
    void aKeyThatWasJustWrittenWillBeWrittenAgain() throws IOException {
        append(16 * FILE_BYTES);
        next("often");
        append(FILE_BYTES);
        assertThat(next("often")).isEqualTo(Lifetime.SHORT);
        append(FILE_BYTES);
        assertThat(next("often")).isEqualTo(Lifetime.SHORT);
    }

    @Test
    void whatWasWrittenLongAgoIsForgotten() throws IOException {
        append(16 * FILE_BYTES);
        next("seldom");
        append(4 * FILE_BYTES);
        assertThat(next("seldom")).isEqualTo(Lifetime.LONG);
    }

    @Test
    void aSmallLogDoesWithOneFile() throws IOException {
        append(4 * FILE_BYTES);
        next("often");
        assertThat(next("often")).isEqualTo(Lifetime.LONG);
    }

    /** The slot belongs to the key that was written last. */
    @Test
    void moreKeysThanCanBeRememberedDoNoHarm() throws IOException {
        append(16 * FILE_BYTES);
        next("often");
        for (int i = 0; i < 1_000_000; i++) {
            next("key-" + i);
        }
        assertThat(next("often")).isEqualTo(Lifetime.LONG);
        assertThat(next("often")).isEqualTo(Lifetime.SHORT);
    }

    private Lifetime next(String key) {
        return lifetimes.next(key.getBytes(UTF_8));
    }

    private void append(int bytes) throws IOException {
        for (int appended = 0; appended < bytes; appended += 4096) {
            vlog.append(new byte[1], new byte[4096 - 13]);
        }
    }
}

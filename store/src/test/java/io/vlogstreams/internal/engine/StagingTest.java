/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.cleanup.SpaceLedger;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogOptions;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which files staged writes name. Each record gets a file of its own. */
@Timeout(60)
class StagingTest {

    private static final byte[] KEY = {1};
    private static final byte[] OTHER = {2};

    private final SpaceLedger ledger = new SpaceLedger(new TreeMap<>());
    private VLog vlog;
    private Staging staging;

    @BeforeEach
    void open() throws IOException {
        vlog = VLog.open(
                new FaultyStorage(), new VLogOptions(100, 0, 4, 0, ChecksumLevel.FULL), VLogTail.EMPTY, fileId -> true);
        staging = new Staging(new StagedMemory(1 << 20, 1 << 20), ledger, new Placement(16, new OneFormat(), vlog));
    }

    @AfterEach
    void close() {
        vlog.close();
    }

    @Test
    void aFileIsNamedAsLongAsARecordInItIsTheNewestOfItsKey() throws IOException {
        staging.put(KEY, new byte[80]);
        staging.put(OTHER, new byte[80]);
        assertThat(names(1)).isTrue();
        staging.put(KEY, new byte[80]);
        assertThat(names(1)).isFalse();
        assertThat(names(2)).isTrue();
        staging.put(OTHER, new byte[1]);
        assertThat(names(2)).isFalse();
        assertThat(names(3)).isTrue();
        staging.put(KEY, null);
        assertThat(names(3)).isFalse();
    }

    @Test
    void noFileIsNamedWhenStagingStartsAnew() throws IOException {
        staging.put(KEY, new byte[80]);
        staging.startAnew();
        assertThat(names(1)).isFalse();
        staging.startRestored();
        staging.put(KEY, new byte[80]);
        assertThat(names(2)).isTrue();
        staging.startAnew();
        assertThat(names(2)).isFalse();
    }

    /** What is noted of a file that is gone already would be listed by the next commit, and nothing would delete it. */
    @Test
    void aRecordIsNotedAsDeadBeforeItsFileMayGo() throws Exception {
        staging.put(KEY, new byte[80]);
        FutureTask<Void> overwrite = new FutureTask<>(() -> {
            staging.put(KEY, new byte[80]);
            return null;
        });
        Thread writer = new Thread(overwrite);
        synchronized (ledger) {
            writer.start();
            while (!isStaged(2) || writer.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
            }
            assertThat(names(1)).isTrue();
        }
        overwrite.get();
        assertThat(names(1)).isFalse();
    }

    private boolean isStaged(long fileId) {
        return staging.current().get(KEY).location() instanceof Separated separated
                && separated.pointer().fileId() == fileId;
    }

    private boolean names(long fileId) {
        return staging.current().names(fileId);
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.index.LiveRecords;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogOptions;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which file is the most worthwhile to relocate: twenty files of 1,000 bytes each. */
class SealedFilesTest {

    private static final int FILES = 20;

    private final TreeMap<Long, Long> liveBytes = new TreeMap<>();
    private VLog vlog;

    @BeforeEach
    void fill() throws IOException {
        vlog = VLog.open(
                new FaultyStorage(), new VLogOptions(1000, 0, 100, 0, ChecksumLevel.FULL), VLogTail.EMPTY, id -> false);
        for (long fileId = 1; fileId <= FILES; fileId++) {
            vlog.append(new byte[1], new byte[1000 - 31 - 13]);
            liveBytes.put(fileId, 900L);
        }
    }

    @AfterEach
    void close() {
        vlog.close();
    }

    @Test
    void ofTwoThatHoldEquallyMuchTheOlder() {
        liveBytes.put(5L, 500L);
        liveBytes.put(12L, 500L);
        assertThat(best()).isEqualTo(5);
    }

    @Test
    void ofTwoOfAboutTheSameAgeTheOneThatHoldsLess() {
        liveBytes.put(5L, 500L);
        liveBytes.put(6L, 400L);
        assertThat(best()).isEqualTo(6);
    }

    /** More records of the young file will die if it is left alone for a while. */
    @Test
    void anOldOneBeforeAYoungOneThatHoldsALittleLess() {
        liveBytes.put(3L, 500L);
        liveBytes.put(18L, 400L);
        assertThat(best()).isEqualTo(3);
    }

    @Test
    void aNearlyEmptyOneWhateverItsAge() {
        liveBytes.put(3L, 500L);
        liveBytes.put(18L, 50L);
        assertThat(best()).isEqualTo(18);
    }

    @Test
    void theNextBestIfTheBestMayNot() {
        liveBytes.put(5L, 500L);
        liveBytes.put(6L, 400L);
        SealedFiles sealed = sealed();
        assertThat(sealed.best(file -> file.fileId() != 6)).isEqualTo(new SealedFiles.PartlyLive(5, 1000, 500));
        assertThat(sealed.best(file -> false)).isNull();
    }

    private long best() {
        return sealed().best(file -> true).fileId();
    }

    private SealedFiles sealed() {
        TreeMap<Long, LiveRecords> live = new TreeMap<>();
        liveBytes.forEach((fileId, bytes) -> live.put(fileId, new LiveRecords(bytes, 1)));
        SealedFiles sealed = new SealedFiles(vlog, new SpaceLedger(live));
        sealed.refresh();
        return sealed;
    }
}

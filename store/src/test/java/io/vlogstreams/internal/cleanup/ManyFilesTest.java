/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogFileInfo;
import io.vlogstreams.internal.vlog.VLogOptions;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Thousands of files: the work for each must not grow with their number. */
@Timeout(120)
class ManyFilesTest {

    private static final int FILES = 3000;
    private static final int VALUE_BYTES = 88;

    private final FaultyStorage storage = new FaultyStorage();
    private final MemoryIndex index = new MemoryIndex();
    private final SpaceLedger ledger = new SpaceLedger(new TreeMap<>());
    private final Pins pins = new Pins();
    private final AtomicLong seconds = new AtomicLong();
    private VLog vlog;
    private WriterOnMemory writer;

    @BeforeEach
    void open() throws IOException {
        // Two records fill a file.
        vlog = VLog.open(storage, new VLogOptions(250, 0, 4, 0, ChecksumLevel.FULL), VLogTail.EMPTY, fileId -> true);
        writer = new WriterOnMemory(index, vlog, ledger);
    }

    @AfterEach
    void close() {
        vlog.close();
    }

    private Cleanup cleanup(double bound) {
        CleanupOptions options = new CleanupOptions(
                bound,
                false,
                Long.MAX_VALUE,
                ManyFilesTest::onThisThread,
                ManyFilesTest::onThisThread,
                () -> seconds.incrementAndGet() * 1_000_000_000);
        return new Cleanup("store", vlog, index, ledger, pins, writer, options, 0, false);
    }

    private static void onThisThread(CleanupWorker.Slice slice) {
        while (slice.run()) {
            // Until there is nothing to do.
        }
    }

    private void put(int key) throws IOException {
        writer.put(ByteBuffer.allocate(4).putInt(key).array(), new byte[VALUE_BYTES]);
    }

    @Test
    void aFileIsAskedForAFewTimesWhenMostAreRelocated() throws IOException {
        for (int i = 0; i < FILES; i++) {
            put(i + 1);
            put(0);
        }
        assertThat(vlog.fileCount()).isGreaterThanOrEqualTo(FILES);
        try (Cleanup cleanup = cleanup(1.6)) {
            cleanup.wake();
            assertThat(cleanup.statistics().deletedFiles()).isGreaterThan(FILES / 2);
            assertThat(cleanup.statistics().relocatedRecords()).isGreaterThan(FILES / 2);
        }
        assertThat(writer.questions()).isLessThan(10L * FILES);
    }

    @Test
    void aFileIsAskedForAFewTimesWhenAllAreOverwrittenOneByOne() throws IOException {
        try (Cleanup cleanup = cleanup(1e6)) {
            for (int i = 0; i < 2 * FILES; i++) {
                put(i);
            }
            Pins.Pin reader = pins.take();
            for (int i = 0; i < 2 * FILES; i++) {
                put(i);
                cleanup.wake();
                cleanup.help();
            }
            assertThat(cleanup.statistics().deletedFiles()).isZero();
            assertThat(cleanup.space().pinnedBytes()).isGreaterThan(239L * FILES * 9 / 10);
            reader.close();
            cleanup.wake();
            assertThat(cleanup.statistics().deletedFiles()).isGreaterThan(FILES * 9 / 10);
        }
        assertThat(writer.questions()).isLessThan(10L * FILES);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsKnownOfTheFilesIsWhatAWalkFinds(long seed) throws IOException {
        Random random = new Random(seed);
        SealedFiles sealed = new SealedFiles(vlog, ledger);
        for (int i = 0; i < 1500; i++) {
            put(random.nextInt(60));
            if (random.nextInt(4) > 0) {
                continue;
            }
            if (random.nextBoolean()) {
                sealed.refresh();
                List<Long> empty = sealed.empty();
                if (!empty.isEmpty()) {
                    long fileId = empty.get(random.nextInt(empty.size()));
                    sealed.done(fileId);
                    vlog.delete(fileId);
                }
            }
            check(sealed);
        }
    }

    private static double livePart(SealedFiles.PartlyLive file) {
        return (double) file.liveBytes() / file.bytes();
    }

    private void check(SealedFiles sealed) {
        sealed.refresh();
        List<VLogFileInfo> walked =
                vlog.files().stream().filter(file -> !file.active()).toList();
        assertThat(sealed.empty())
                .isEqualTo(walked.stream()
                        .map(VLogFileInfo::fileId)
                        .filter(fileId -> ledger.liveBytes(fileId) == 0)
                        .toList());
        List<SealedFiles.PartlyLive> bestFirst = new ArrayList<>();
        for (SealedFiles.PartlyLive best; (best = sealed.best(file -> !bestFirst.contains(file))) != null; ) {
            bestFirst.add(best);
        }
        assertThat(bestFirst)
                .containsExactlyInAnyOrderElementsOf(walked.stream()
                        .filter(file -> ledger.liveBytes(file.fileId()) > 0)
                        .map(file -> new SealedFiles.PartlyLive(
                                file.fileId(), file.bytes(), ledger.liveBytes(file.fileId())))
                        .toList());
        for (int i = 1; i < bestFirst.size(); i++) {
            SealedFiles.PartlyLive better = bestFirst.get(i - 1);
            SealedFiles.PartlyLive next = bestFirst.get(i);
            assertThat(livePart(better) <= livePart(next) || better.fileId() < next.fileId())
                    .as("%s before %s", better, next)
                    .isTrue();
        }
        assertThat(vlog.totalBytes())
                .isEqualTo(vlog.files().stream().mapToLong(VLogFileInfo::bytes).sum());
        assertThat(vlog.fileCount()).isEqualTo(vlog.files().size());
    }
}

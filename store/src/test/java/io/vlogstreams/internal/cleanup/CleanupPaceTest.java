/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.index.MemoryIndex;
import io.vlogstreams.internal.vlog.ChecksumLevel;
import io.vlogstreams.internal.vlog.FaultyStorage;
import io.vlogstreams.internal.vlog.Separated;
import io.vlogstreams.internal.vlog.VLog;
import io.vlogstreams.internal.vlog.VLogOptions;
import io.vlogstreams.internal.vlog.VLogTail;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A cleanup that has more to do than its pace allows. */
class CleanupPaceTest {

    private static final int KEYS = 32_000;
    private static final int FILE_BYTES = 1 << 16;

    private final FaultyStorage storage = new FaultyStorage();
    private final MemoryIndex index = new MemoryIndex();
    private final SpaceLedger ledger = new SpaceLedger(new TreeMap<>());
    private final AtomicLong nanos = new AtomicLong();
    private final List<CleanupWorker.Slice> slices = new ArrayList<>();

    private VLog open(VLogTail tail) throws IOException {
        return VLog.open(storage, new VLogOptions(FILE_BYTES, 0, 4, 0, ChecksumLevel.FULL), tail, fileId -> true);
    }

    /** Fills files with some 560 records each, a third of them dead. */
    private VLogTail fill() throws IOException {
        try (VLog vlog = open(VLogTail.EMPTY)) {
            WriterOnMemory writer = new WriterOnMemory(index, vlog, ledger);
            writer.putAll(everyKey(1), new byte[100]);
            writer.putAll(everyKey(3), new byte[100]);
            return vlog.drain();
        }
    }

    /** Returns every n-th key. */
    private static List<byte[]> everyKey(int step) {
        return IntStream.range(0, KEYS)
                .filter(key -> key % step == 0)
                .mapToObj(key -> ByteBuffer.allocate(4).putInt(key).array())
                .toList();
    }

    @Test
    void copiesDoNotWaitForThePaceUntilTheIndexNamesThem() throws IOException {
        VLogTail tail = fill();
        try (VLog vlog = open(tail);
                Cleanup cleanup = cleanup(vlog)) {
            // Nothing was appended since, so it may copy only what this time allows: less than a step.
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
            cleanup.wake();
            assertThat(slices.get(0).run()).isFalse();
            long relocatedTo = vlog.tail().relocated().fileId();
            long copied = cleanup.statistics().relocatedBytes();
            assertThat(cleanup.statistics().relocatedRecords()).isEqualTo(256);
            assertThat(ledger.liveBytes(relocatedTo)).isEqualTo(copied);
            assertThat(vlog.tail().relocated().length()).isGreaterThanOrEqualTo(copied);
        }
    }

    @Test
    void theNextFilesAreCopiedWhileACommitIsUnderWay() throws IOException {
        VLogTail tail = fill();
        try (VLog vlog = open(tail)) {
            WriterOnMemory writer = new WriterOnMemory(index, vlog, ledger);
            try (Cleanup cleanup = cleanup(vlog, writer, 1.05)) {
                nanos.addAndGet(TimeUnit.SECONDS.toNanos(3600));
                writer.setCommitting(true);
                cleanup.wake();
                assertThat(slices.get(0).run()).isFalse();
                // As many as may wait for a commit, and what was left when there was no file any more.
                assertThat(cleanup.statistics().relocatedRecords()).isGreaterThan(16_384);
                assertThat(writer.moveCalls()).isEqualTo(2);
                assertThat(cleanup.deleteObsoleteFilesNow()).isGreaterThan(10);
                checkContents(vlog);
            }
        }
    }

    private void checkContents(VLog vlog) throws IOException {
        for (int key = 0; key < KEYS; key++) {
            byte[] bytes = ByteBuffer.allocate(4).putInt(key).array();
            Separated location = (Separated) index.get(bytes);
            assertThat(location).isNotNull();
            assertThat(vlog.read(location.pointer(), bytes)).isEqualTo(new byte[100]);
        }
    }

    private Cleanup cleanup(VLog vlog) {
        return cleanup(vlog, new WriterOnMemory(index, vlog, ledger), 1.2);
    }

    private Cleanup cleanup(VLog vlog, WriterOnMemory writer, double maxSpaceAmplification) {
        CleanupOptions options =
                new CleanupOptions(maxSpaceAmplification, false, Long.MAX_VALUE, slices::add, slices::add, nanos::get);
        return new Cleanup("store", vlog, index, ledger, new Pins(), writer, options, 0, false);
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.key;
import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConcurrencyTest {

    private static final int READERS = 4;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void readersSeeEveryRecordDuringAppendsRotationAndDeletesInMemory() throws Exception {
        readDuringWrites(new FaultyStorage(), 10_000);
    }

    @Test
    void readersSeeEveryRecordDuringAppendsRotationAndDeletesOnDisk(@TempDir Path directory) throws Exception {
        readDuringWrites(new DirectoryStorage(directory.resolve("vlog")), 6_000);
    }

    private void readDuringWrites(Storage storage, int records) throws Exception {
        // All that is deleted is written over, under the hands of readers if they let it.
        VLogOptions options = TestLog.recycling(64 * 1024, 2048, 1);
        AtomicReferenceArray<ValuePointer> pointers = new AtomicReferenceArray<>(records);
        AtomicInteger written = new AtomicInteger();
        AtomicLong lowestFile = new AtomicLong();
        try (VLog log = TestLog.open(storage, options, null)) {
            List<Future<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                int seed = i;
                readers.add(threads.submit(() -> readUntil(records, written, pointers, lowestFile, log, seed)));
            }
            for (int i = 0; i < records; i++) {
                pointers.set(i, log.append(key(i), value(i, length(i))));
                written.set(i + 1);
                if (i % 2000 == 1999) {
                    log.sync();
                    long lowest = log.tail().longLived().fileId() - 4;
                    lowestFile.set(lowest);
                    for (VLogFileInfo file : log.files()) {
                        if (file.fileId() < lowest) {
                            log.delete(file.fileId());
                        }
                    }
                }
            }
            for (Future<Integer> reader : readers) {
                assertThat(reader.get()).isPositive();
            }
        }
    }

    private static int length(int number) {
        return number % 97 == 0 ? 3000 : number * 13 % 400;
    }

    private static int readUntil(
            int records,
            AtomicInteger written,
            AtomicReferenceArray<ValuePointer> pointers,
            AtomicLong lowestFile,
            VLog log,
            int seed)
            throws IOException {
        Random random = new Random(seed);
        int reads = 0;
        for (int known = 0; known < records || reads == 0; known = written.get()) {
            if (known == 0) {
                Thread.onSpinWait();
                continue;
            }
            // Mostly the newest records, which move from the buffer to the file during the read.
            int back = random.nextInt(4) == 0 ? random.nextInt(known) : random.nextInt(Math.min(known, 20));
            int number = known - 1 - back;
            ValuePointer pointer = pointers.get(number);
            try {
                assertThat(log.read(pointer, key(number))).isEqualTo(value(number, length(number)));
                reads++;
            } catch (FileGoneException e) {
                assertThat(pointer.fileId()).isLessThan(lowestFile.get());
            }
        }
        return reads;
    }

    @Test
    void aReaderDoesNotWaitForAWriterThatWaitsForTheDisk() throws Exception {
        FaultyStorage storage = new FaultyStorage();
        try (VLog log = TestLog.open(storage)) {
            ValuePointer pointer = log.append(key(1), value(1, 100));
            whileBlocked(storage, Operation.WRITE, log, () -> {
                assertThat(log.read(pointer, key(1))).isEqualTo(value(1, 100));
                assertThat(log.files()).hasSize(1);
                return null;
            });
        }
    }

    @Test
    void appendsGoOnWhileASyncWaitsForTheDisk() throws Exception {
        FaultyStorage storage = new FaultyStorage();
        try (VLog log = TestLog.open(storage)) {
            log.append(key(1), value(1, 100));
            ValuePointer[] meanwhile = new ValuePointer[1];
            whileBlocked(storage, Operation.SYNC, log, () -> {
                meanwhile[0] = log.append(key(2), value(2, 10_000));
                log.drain();
                return null;
            });
            log.sync();
            try (VLog after = TestLog.open(storage.kill().crash(1), TestLog.OPTIONS, log.tail())) {
                assertThat(after.read(meanwhile[0], key(2))).isEqualTo(value(2, 10_000));
            }
            storage.beforeCall((operation, name) -> {});
        }
    }

    @Test
    void recordsThatBeginNewFilesAreAppendedWhileTheDirectoryIsSynced(@TempDir Path folder) throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        DirectoryStorage storage = new DirectoryStorage(folder.resolve("vlog"), directory -> {
            stuck.countDown();
            awaitUnchecked(goOn);
        });
        try (VLog log = TestLog.open(storage, TestLog.options(1024, 0), null)) {
            log.append(key(0), value(0, 900));
            Future<VLogTail> syncing = threads.submit(log::sync);
            awaitUnchecked(stuck);
            Future<ValuePointer> appending = threads.submit(() -> {
                log.append(key(1), value(1, 900));
                return log.append(key(2), value(2, 900));
            });
            try {
                ValuePointer last = appending.get(30, TimeUnit.SECONDS);
                assertThat(syncing).isNotDone();
                assertThat(log.read(last, key(2))).isEqualTo(value(2, 900));
                assertThat(log.files()).hasSize(3);
            } finally {
                goOn.countDown();
            }
            assertThat(syncing.get().highestFileId()).isEqualTo(1);
        }
    }

    @Test
    void aFileSealedAndDeletedWhileASyncWaitsDoesNotFailTheSync() throws Exception {
        FaultyStorage storage = new FaultyStorage();
        try (VLog log = TestLog.open(storage, new VLogOptions(1024, 0, 1, 0, ChecksumLevel.FULL), null)) {
            for (int i = 0; i < 20; i++) {
                log.append(key(i), value(i, 300));
            }
            whileBlocked(storage, Operation.SYNC, log, () -> {
                log.append(key(20), value(20, 3000));
                for (VLogFileInfo file : log.files()) {
                    if (!file.active()) {
                        log.delete(file.fileId());
                    }
                }
                return null;
            });
            log.sync();
        }
        assertThat(storage.openFiles()).isZero();
    }

    /** Runs {@code action} while another thread is blocked in {@code log.sync()}, in its first call of this kind. */
    private void whileBlocked(FaultyStorage storage, Operation kind, VLog log, Callable<Void> action) throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        storage.beforeCall((operation, name) -> {
            if (operation == kind && stuck.getCount() > 0) {
                stuck.countDown();
                awaitUnchecked(goOn);
            }
        });
        Future<Void> blocked = threads.submit(() -> {
            log.sync();
            return null;
        });
        try {
            awaitUnchecked(stuck);
            action.call();
        } finally {
            goOn.countDown();
        }
        blocked.get();
    }

    private static void awaitUnchecked(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.key;
import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Behaviour that only a real file system shows: handles, interrupts, directories. */
@Timeout(60)
class RealFilesTest {

    private static final VLogOptions SMALL_FILES = new VLogOptions(1024, 256, 4, 0, ChecksumLevel.FULL);

    @TempDir
    private Path temporary;

    private Path directory;
    private DirectoryStorage storage;

    @BeforeEach
    void prepare() {
        directory = temporary.resolve("store/vlog");
        storage = new DirectoryStorage(directory);
    }

    private List<ValuePointer> appendTo(VLog log, int count) throws IOException {
        List<ValuePointer> pointers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pointers.add(log.append(key(i), value(i, 100)));
        }
        return pointers;
    }

    // ---- the directory

    @Test
    void aDirectoryThatDoesNotExistHasNoFilesAndIsNotCreatedByLooking() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            log.sync();
            assertThat(log.files()).isEmpty();
        }
        assertThat(directory.getParent()).doesNotExist();
    }

    @Test
    void filesPersistAcrossRestarts() throws IOException {
        List<ValuePointer> pointers;
        VLogTail tail;
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            pointers = appendTo(log, 60);
            log.sync();
            tail = log.tail();
        }
        for (VLogTail each : new VLogTail[] {tail, null}) {
            try (VLog log = TestLog.open(new DirectoryStorage(directory), SMALL_FILES, each)) {
                for (int i = 0; i < pointers.size(); i++) {
                    assertThat(log.read(pointers.get(i), key(i))).isEqualTo(value(i, 100));
                }
            }
        }
    }

    @Test
    void theStorageTellsWhatExistsAndWhatDoesNot() throws IOException {
        storage.create("a").close();
        assertThatThrownBy(() -> storage.create("a")).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> storage.open("b")).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> storage.delete("b")).isInstanceOf(NoSuchFileException.class);
        assertThat(storage.list()).containsExactly("a");
        storage.sync();
        storage.delete("a");
        assertThat(storage.list()).isEmpty();
        assertThat(storage.location()).isEqualTo(directory.toString());
    }

    // ---- a file

    @Test
    void aFileReadsWhatWasWrittenAndStopsAtItsEnd() throws IOException {
        byte[] bytes = value(1, 1_000_000);
        try (StorageFile file = storage.create("a")) {
            file.write(ByteBuffer.wrap(bytes), 10);
            assertThat(file.size()).isEqualTo(1_000_010);
            ByteBuffer target = ByteBuffer.allocate(2_000_000);
            assertThat(file.read(target, 10)).isEqualTo(1_000_000);
            assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(bytes));
            assertThat(file.read(ByteBuffer.allocate(5), 1_000_010)).isZero();
            assertThat(file.read(ByteBuffer.allocate(5), 1_000_007)).isEqualTo(3);
            file.truncate(12);
            assertThat(file.size()).isEqualTo(12);
            file.sync();
        }
    }

    @Test
    void aClosedFileStaysClosed() throws IOException {
        StorageFile file = storage.create("a");
        file.close();
        file.close();
        assertThatThrownBy(file::size).isInstanceOf(IOException.class);
    }

    // ---- interrupts

    @Test
    void anInterruptedThreadCanDoEverythingAndStaysInterrupted() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            Thread.currentThread().interrupt();
            List<ValuePointer> pointers = appendTo(log, 60);
            log.sync();
            log.delete(2);
            assertThat(log.read(pointers.get(0), key(0))).isEqualTo(value(0, 100));
            assertThat(log.read(pointers.get(59), key(59))).isEqualTo(value(59, 100));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void interruptsInTheMiddleOfReadsHarmNobody() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        VLogOptions options = new VLogOptions(64 << 20, 4096, 4, 0, ChecksumLevel.FULL);
        try (VLog log = TestLog.open(storage, options, null)) {
            List<ValuePointer> pointers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                pointers.add(log.append(key(i), value(i, 200_000)));
            }
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> readers = new java.util.concurrent.CopyOnWriteArrayList<>();
            List<Future<Integer>> results = new ArrayList<>();
            for (int reader = 0; reader < 3; reader++) {
                results.add(threads.submit(() -> {
                    readers.add(Thread.currentThread());
                    int reads = 0;
                    for (; !stop.get() || reads < 10; reads++) {
                        int i = reads % 10;
                        assertThat(log.read(pointers.get(i), key(i))).isEqualTo(value(i, 200_000));
                    }
                    return reads;
                }));
            }
            for (int i = 0; i < 500; i++) {
                readers.forEach(Thread::interrupt);
                ValuePointer pointer = log.append(key(i), value(i, 5000));
                assertThat(log.read(pointer, key(i))).isEqualTo(value(i, 5000));
            }
            log.sync();
            stop.set(true);
            for (Future<Integer> result : results) {
                assertThat(result.get()).isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void interruptsDoNotCloseAFileThatCannotBeOpenedAgain() throws Exception {
        int bytes = 1_000_000;
        ExecutorService threads = Executors.newCachedThreadPool();
        try (StorageFile file = storage.create("a")) {
            file.write(ByteBuffer.wrap(value(1, bytes)), 0);
            storage.delete("a");
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> users = new java.util.concurrent.CopyOnWriteArrayList<>();
            List<Future<Integer>> results = new ArrayList<>();
            for (int user = 0; user < 3; user++) {
                int number = user;
                results.add(threads.submit(() -> {
                    users.add(Thread.currentThread());
                    int times = 0;
                    for (; !stop.get() || times < 10; times++) {
                        if (number == 0) {
                            file.write(ByteBuffer.wrap(value(1, bytes)), 0);
                            file.sync();
                        }
                        ByteBuffer target = ByteBuffer.allocate(bytes);
                        assertThat(file.read(target, 0)).isEqualTo(bytes);
                        assertThat(target.array()).isEqualTo(value(1, bytes));
                    }
                    return times;
                }));
            }
            for (int i = 0; i < 2000; i++) {
                users.forEach(Thread::interrupt);
                assertThat(file.size()).isEqualTo(bytes);
            }
            stop.set(true);
            for (Future<Integer> result : results) {
                assertThat(result.get()).isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    // ---- handles

    @Test
    @EnabledOnOs(OS.LINUX)
    void noMoreFilesAreKeptOpenThanAllowed() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            List<ValuePointer> pointers = appendTo(log, 300);
            assertThat(log.files()).hasSizeGreaterThan(30);
            assertThat(handles()).isLessThanOrEqualTo(4);
            for (int i = 0; i < pointers.size(); i++) {
                assertThat(log.read(pointers.get(i), key(i))).isEqualTo(value(i, 100));
                assertThat(handles()).isLessThanOrEqualTo(4);
            }
            log.sync();
            assertThat(handles()).isLessThanOrEqualTo(4);
        }
        assertThat(handles()).isZero();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aDeletedFileGivesBackItsHandle() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            appendTo(log, 100);
            for (VLogFileInfo file : log.files()) {
                if (!file.active()) {
                    log.delete(file.fileId());
                }
            }
            assertThat(handles()).isEqualTo(1);
        }
    }

    private long handles() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.filter(handle -> target(handle).startsWith(directory.toString()))
                    .count();
        }
    }

    private static String target(Path handle) {
        try {
            return Files.readSymbolicLink(handle).toString();
        } catch (IOException e) {
            return "closed meanwhile";
        }
    }
}

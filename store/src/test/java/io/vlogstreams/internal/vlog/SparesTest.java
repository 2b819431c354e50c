/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.key;
import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Deleted files become new ones. */
class SparesTest {

    private static final int VALUE_BYTES = 700;

    /** A record a file. */
    private static final VLogOptions OPTIONS = TestLog.recycling(1024, 0, 1);

    private final FaultyStorage storage = new FaultyStorage();
    private final List<String> created = new ArrayList<>();
    private final List<String> recycled = new ArrayList<>();
    private final List<String> deleted = new ArrayList<>();

    @BeforeEach
    void watch() {
        storage.beforeCall((operation, name) -> {
            switch (operation) {
                case CREATE -> created.add(name);
                case RECYCLE -> recycled.add(name);
                case DELETE -> deleted.add(name);
                default -> {}
            }
        });
    }

    /** Fills a log so that the n-th file has the n-th record. */
    private static List<ValuePointer> fill(VLog log, int files) throws IOException {
        List<ValuePointer> pointers = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            pointers.add(append(log, i));
        }
        return pointers;
    }

    private static ValuePointer append(VLog log, int number) throws IOException {
        return log.append(key(number), value(number, VALUE_BYTES));
    }

    private static void assertHolds(VLog log, ValuePointer pointer, int number) throws IOException {
        assertThat(log.read(pointer, key(number))).isEqualTo(value(number, VALUE_BYTES));
    }

    @Test
    void aDeletedFileBecomesTheNextOne() throws IOException {
        try (VLog log = TestLog.open(storage, OPTIONS, null)) {
            List<ValuePointer> pointers = fill(log, 4);
            long bytes = log.totalBytes();
            log.delete(1);
            assertThat(log.contains(1)).isFalse();
            assertThatThrownBy(() -> log.read(pointers.get(0), key(0))).isInstanceOf(FileGoneException.class);
            assertThat(log.totalBytes() + log.spareBytes()).isEqualTo(bytes);
            created.clear();

            ValuePointer next = append(log, 4);
            assertThat(next.fileId()).as("an id is never used again").isEqualTo(5);
            assertThat(recycled).containsExactly(FileName.of(1));
            assertThat(created).isEmpty();
            assertThat(deleted).isEmpty();
            assertThat(storage.names()).doesNotContain(FileName.of(1)).contains(FileName.of(5));
            assertHolds(log, next, 4);
            assertHolds(log, pointers.get(1), 1);
        }
    }

    @Test
    void aSealedFileHasNoBytesOfTheOneThatItWasBefore() throws IOException {
        try (VLog log = TestLog.open(storage, OPTIONS, null)) {
            fill(log, 4);
            log.delete(1);
            log.append(key(9), value(9, 400)); // the rest is of the file of before
            log.sync();
            assertThat(storage.bytes(FileName.of(5))).hasSizeGreaterThan(VALUE_BYTES);
            append(log, 5); // seals it
            assertThat(storage.bytes(FileName.of(5)).length)
                    .isEqualTo((int) log.file(5).bytes())
                    .isLessThan(500);
        }
    }

    @Test
    void aFileIsNotWrittenOverWhileSomebodyReadsIt() throws IOException {
        try (VLog log = TestLog.open(storage, OPTIONS, null)) {
            fill(log, 4);
            try (RecordCursor reader = log.openCursor(1)) {
                log.delete(1);
                append(log, 4);
                assertThat(recycled).isEmpty();
                assertThat(reader.advance()).isTrue();
                assertThat(reader.key()).isEqualTo(key(0));
            }
            append(log, 5);
            assertThat(recycled).containsExactly(FileName.of(1));
        }
    }

    /** The reader has the old file, whose name now belongs to another file or to none. */
    @Test
    void aReaderThatComesTooLateIsToldThatTheFileIsGone() throws IOException {
        OpenFiles openFiles = new OpenFiles(storage, 3);
        storage.create(FileName.of(1)).close();
        VLogFile file =
                new VLogFile(1, storage.location(), VLogFile.Contents.RECORDS, CompressionType.NONE, FileHeader.BYTES);
        openFiles.retire(file, () -> {});
        assertThat(storage.names()).contains(FileName.of(1));
        assertThatThrownBy(() -> openFiles.acquire(file)).isInstanceOf(FileGoneException.class);
    }

    @Test
    void sparesTakeNoMoreThanTheirPartOfTheLog() throws IOException {
        try (VLog log = TestLog.open(storage, TestLog.recycling(1024, 0, 4), null)) {
            fill(log, 12);
            for (int fileId = 1; fileId <= 11; fileId++) {
                log.delete(fileId);
            }
            assertThat(storage.names())
                    .as("what is left has not four times as much")
                    .hasSize(1);
        }
    }

    @Test
    void noMoreFilesWaitThanAreUsed() throws IOException {
        try (VLog log = TestLog.open(storage, OPTIONS, null)) {
            fill(log, 20);
            for (int fileId = 1; fileId <= 10; fileId++) {
                log.delete(fileId);
            }
            assertThat(storage.names()).hasSize(13);
        }
    }

    @Test
    void onADiskThatIsNearlyFullFilesAreDeleted() throws IOException {
        try (VLog log = TestLog.open(storage, OPTIONS, null)) {
            fill(log, 4);
            log.delete(1);
            storage.limitTo(100 << 20);
            log.delete(2);
            assertThat(storage.names()).containsExactly(FileName.of(3), FileName.of(4));
        }
    }

    @Test
    void aFileThatCannotBeRenamedIsDeletedAndANewOneCreated() throws IOException {
        for (int seed = 0; seed < 8; seed++) {
            FaultyStorage faulty = new FaultyStorage(seed);
            try (VLog log = TestLog.open(faulty, OPTIONS, null)) {
                fill(log, 4);
                log.delete(1);
                faulty.failCall(1, Operation.RECYCLE);
                ValuePointer next;
                try {
                    next = append(log, 4);
                } catch (IOException e) {
                    next = append(log, 4); // it was renamed all the same, so the id is used
                }
                assertThat(faulty.hasFailed()).isTrue();
                assertThat(faulty.names()).doesNotContain(FileName.of(1));
                assertHolds(log, next, 4);
            }
        }
    }

    @Test
    void aSpareIsAFileWithoutAnyUseWhenTheLogIsOpenedAgain() throws IOException {
        VLogTail tail;
        try (VLog log = TestLog.open(storage, OPTIONS, null)) {
            fill(log, 4);
            log.delete(1);
            tail = log.sync();
        }
        try (VLog log = VLog.open(storage.kill(), OPTIONS, tail, fileId -> fileId != 1)) {
            assertThat(log.contains(1)).isTrue();
            log.delete(1);
            assertThat(log.contains(1)).isFalse();
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aFileThatHasAnotherNameIsNotWrittenOver(@TempDir Path folder) throws IOException {
        Path directory = folder.resolve("vlog");
        Path backup = folder.resolve("backup");
        try (VLog log = TestLog.open(new DirectoryStorage(directory), OPTIONS, null)) {
            fill(log, 4);
            Files.createLink(backup, directory.resolve(FileName.of(1)));
            byte[] before = Files.readAllBytes(backup);
            log.delete(1);
            ValuePointer next = append(log, 4);
            log.sync();
            assertThat(Files.readAllBytes(backup)).isEqualTo(before);
            assertThat(directory.resolve(FileName.of(1))).doesNotExist();
            assertHolds(log, next, 4);
        }
    }

    @Test
    void aRealFileIsWrittenOver(@TempDir Path folder) throws IOException {
        Path directory = folder.resolve("vlog");
        try (VLog log = TestLog.open(new DirectoryStorage(directory), OPTIONS, null)) {
            List<ValuePointer> pointers = fill(log, 4);
            Object file = Files.getAttribute(directory.resolve(FileName.of(1)), "fileKey");
            log.delete(1);
            ValuePointer next = append(log, 4);
            log.sync();
            assertThat(Files.getAttribute(directory.resolve(FileName.of(5)), "fileKey"))
                    .isEqualTo(file);
            assertThat(directory.resolve(FileName.of(1))).doesNotExist();
            assertHolds(log, next, 4);
            assertHolds(log, pointers.get(3), 3);
        }
    }
}

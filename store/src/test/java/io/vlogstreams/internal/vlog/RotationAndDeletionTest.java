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
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RotationAndDeletionTest {

    private static final VLogOptions SMALL_FILES = TestLog.options(1024, 256);

    /** Few open files, so that files are reopened for a sync. */
    private static final VLogOptions FEW_OPEN = new VLogOptions(1024, 256, 1, 0, ChecksumLevel.FULL);

    private final FaultyStorage storage = new FaultyStorage();

    private static List<ValuePointer> appendTo(VLog log, int count, int valueBytes) throws IOException {
        List<ValuePointer> pointers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pointers.add(log.append(key(i), value(i, valueBytes)));
        }
        return pointers;
    }

    @Test
    void noFileOutgrowsTheMaximum() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            List<ValuePointer> pointers = appendTo(log, 100, 100);
            assertThat(log.files()).hasSizeGreaterThan(10).allMatch(file -> file.bytes() <= 1024);
            for (int i = 0; i < 100; i++) {
                assertThat(log.read(pointers.get(i), key(i))).isEqualTo(value(i, 100));
            }
        }
        for (String name : storage.list().subList(0, storage.list().size() - 1)) {
            assertThat(storage.bytes(name).length).as("%s is sealed", name).isBetween(900, 1024);
        }
    }

    @Test
    void aRecordThatJustFitsStays() throws IOException {
        int rest = 1024 - FileHeader.BYTES - (12 + 5 + 100) - (12 + 5);
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            log.append(key(1), value(1, 100));
            assertThat(log.append(key(2), value(2, rest)).fileId()).isEqualTo(1);
            assertThat(log.append(key(3), new byte[0]).fileId()).isEqualTo(2);
        }
        try (VLog log = TestLog.open(new FaultyStorage(), SMALL_FILES, null)) {
            log.append(key(1), value(1, 100));
            assertThat(log.append(key(2), value(2, rest + 1)).fileId()).isEqualTo(2);
        }
    }

    @Test
    void aValueLargerThanTheMaximumHasAFileOfItsOwn() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            assertThat(log.append(key(1), value(1, 5000)).fileId()).isEqualTo(1);
            assertThat(log.append(key(2), value(2, 5000)).fileId()).isEqualTo(2);
            assertThat(log.append(key(3), value(3, 10)).fileId()).isEqualTo(3);
        }
    }

    @Test
    void filesOfASmallLogStaySmall() throws IOException {
        try (VLog log = TestLog.open(storage, TestLog.options(64 << 20, 4096), null)) {
            appendTo(log, 10, 1 << 20);
            assertThat(log.files()).hasSize(4).allMatch(file -> file.bytes() <= 4 << 20);
        }
    }

    @Test
    void theActiveFileIsNeverDeleted() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            log.append(key(1), value(1, 100));
            assertThatThrownBy(() -> log.delete(1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("File 1");
        }
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            assertThatThrownBy(() -> log.delete(1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aDeletedFileIsGoneAndTheOthersStay() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            List<ValuePointer> pointers = appendTo(log, 30, 100);
            log.delete(2);
            assertThat(log.contains(2)).isFalse();
            assertThat(log.contains(1)).isTrue();
            assertThat(log.files()).extracting(VLogFileInfo::fileId).containsExactly(1L, 3L, 4L);
            assertThat(storage.list()).doesNotContain(FileName.of(2));
            for (int i = 0; i < 30; i++) {
                byte[] key = key(i);
                ValuePointer pointer = pointers.get(i);
                if (pointer.fileId() == 2) {
                    assertThatThrownBy(() -> log.read(pointer, key)).isInstanceOf(FileGoneException.class);
                } else {
                    assertThat(log.read(pointer, key)).isEqualTo(value(i, 100));
                }
            }
        }
    }

    @Test
    void deletingAFileThatIsGoneIsRight() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            appendTo(log, 30, 100);
            storage.remove(FileName.of(2));
            log.delete(2);
            log.delete(2);
            log.delete(77);
            assertThat(log.contains(2)).isFalse();
        }
    }

    @Test
    void aFileThatCannotBeDeletedStaysAndIsDeletedLater() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            List<ValuePointer> pointers = appendTo(log, 30, 100);
            storage.failCall(1, Operation.DELETE);
            assertThatThrownBy(() -> log.delete(1)).isInstanceOf(IOException.class);
            assertThat(log.contains(1)).isTrue();
            assertThat(log.read(pointers.get(0), key(0))).isEqualTo(value(0, 100));
            log.delete(2);
            log.delete(1);
        }
    }

    /** The sync has already taken the file, but not opened it yet. */
    @Test
    void aFileDeletedInTheMiddleOfASyncDoesNotFailTheSync() throws IOException {
        try (VLog log = TestLog.open(storage, FEW_OPEN, null)) {
            List<ValuePointer> pointers = appendTo(log, 60, 100);
            AtomicInteger syncs = new AtomicInteger();
            storage.beforeCall((operation, name) -> {
                if (operation == Operation.SYNC && syncs.getAndIncrement() == 0) {
                    storage.beforeCall((operationOfDelete, file) -> {});
                    delete(log, 4);
                }
            });
            log.sync();
            assertThat(syncs).hasPositiveValue();
            assertThat(log.contains(4)).isFalse();
            log.append(key(100), value(100, 100));
            log.sync();
            assertThat(log.read(pointers.get(0), key(0))).isEqualTo(value(0, 100));
        }
    }

    /** At the moment when the file is gone from the disk, but the deletion has not finished. */
    @Test
    void aSyncInTheMiddleOfADeletionDoesNotFail() throws IOException {
        try (VLog log = TestLog.open(storage, FEW_OPEN, null)) {
            appendTo(log, 60, 100);
            AtomicBoolean deleted = new AtomicBoolean();
            storage.beforeCall((operation, name) -> {
                if (operation == Operation.DELETE) {
                    storage.beforeCall((operationOfSync, file) -> {});
                    storage.remove(name);
                    sync(log);
                    deleted.set(true);
                }
            });
            log.delete(4);
            assertThat(deleted).isTrue();
            log.append(key(100), value(100, 100));
            log.sync();
        }
    }

    private static void delete(VLog log, long fileId) {
        try {
            log.delete(fileId);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sync(VLog log) {
        try {
            log.sync();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aFileThatCannotBeDeletedIsStillSynced() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            appendTo(log, 30, 100);
            storage.failCall(1, Operation.DELETE);
            assertThatThrownBy(() -> log.delete(1)).isInstanceOf(IOException.class);
            byte[] written = storage.bytes(FileName.of(1));
            log.sync();
            assertThat(storage.crash(1).bytes(FileName.of(1))).isEqualTo(written);
        }
    }

    @Test
    void aFileDeletedWhileItIsReadStaysReadableForThatReader() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            List<ValuePointer> pointers = appendTo(log, 30, 100);
            storage.beforeCall((operation, name) -> {
                if (operation == Operation.READ) {
                    delete(log, 1);
                }
            });
            assertThat(log.read(pointers.get(0), key(0))).isEqualTo(value(0, 100));
            assertThatThrownBy(() -> log.read(pointers.get(0), key(0))).isInstanceOf(FileGoneException.class);
        }
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void aFileDeletedBetweenLookUpAndOpeningIsGone() throws IOException {
        List<ValuePointer> pointers;
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            pointers = appendTo(log, 30, 100);
        }
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            storage.remove(FileName.of(1));
            assertThatThrownBy(() -> log.read(pointers.get(0), key(0))).isInstanceOf(FileGoneException.class);
        }
    }

    @Test
    void aCursorShowsEveryRecordOfASealedFile() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            List<ValuePointer> pointers = appendTo(log, 30, 100);
            int seen = 0;
            for (long file = 1; file <= 3; file++) {
                try (RecordCursor cursor = log.openCursor(file)) {
                    while (cursor.advance()) {
                        assertThat(cursor.key()).isEqualTo(key(seen));
                        assertThat(cursor.offset()).isEqualTo(pointers.get(seen).offset());
                        assertThat(cursor.recordBytes())
                                .isEqualTo(pointers.get(seen).recordBytes());
                        seen++;
                    }
                }
            }
            assertThat(seen).isEqualTo(24);
            assertThatThrownBy(() -> log.openCursor(4)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aCursorStopsAtALengthThatCannotBeWithAClearError() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            ValuePointer third = appendTo(log, 30, 100).get(2);
            log.drain();
            try (StorageFile file = storage.open(FileName.of(1))) {
                file.write(java.nio.ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), third.offset());
            }
            try (RecordCursor cursor = log.openCursor(1)) {
                assertThat(cursor.advance()).isTrue();
                assertThat(cursor.advance()).isTrue();
                assertThatThrownBy(cursor::advance)
                        .isInstanceOf(CorruptRecordException.class)
                        .hasMessageContaining("record at offset " + third.offset() + ": expected room for a record");
            }
        }
    }
}

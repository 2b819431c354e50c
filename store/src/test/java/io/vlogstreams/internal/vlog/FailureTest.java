/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.key;
import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.FaultyStorage.InjectedException;
import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The effects of a failing disk on a log. */
class FailureTest {

    private static final VLogOptions SMALL_FILES = new VLogOptions(1024, 256, 2, 0, ChecksumLevel.FULL);

    private final FaultyStorage storage = new FaultyStorage();

    // ---- the n-th call fails, for every n

    /** Appends, reads, drains, syncs, rotates and deletes, and continues after each failure. */
    private static final class Run {
        final VLog log;
        final List<ValuePointer> pointers = new ArrayList<>();
        final Map<ValuePointer, Integer> numbers = new HashMap<>();
        boolean poisoned;

        Run(FaultyStorage storage) throws IOException {
            this.log = TestLog.open(storage, SMALL_FILES, VLogTail.EMPTY);
        }

        static int length(int number) {
            return number % 7 == 0 ? 300 : 20 + number;
        }

        void all() {
            for (int number = 0; number < 40; number++) {
                append(number);
                if (number % 10 == 5) {
                    attempt(log::drain);
                }
                if (number % 10 == 8) {
                    attempt(log::sync);
                }
                if (number == 25 && log.tail().longLived().fileId() > 2) {
                    attempt(() -> {
                        log.delete(2);
                        pointers.removeIf(pointer -> pointer.fileId() == 2);
                    });
                }
                if (!pointers.isEmpty()) {
                    attempt(() -> assertCanBeRead(log, pointers.get(pointers.size() / 2)));
                }
            }
        }

        void append(int number) {
            attempt(() -> {
                ValuePointer pointer = log.append(key(number), value(number, length(number)));
                pointers.add(pointer);
                numbers.put(pointer, number);
            });
        }

        interface Step {
            void run() throws IOException;
        }

        void attempt(Step step) {
            try {
                step.run();
            } catch (VLogPoisonedException e) {
                poisoned = true;
            } catch (InjectedException e) {
                assertThat(e).hasMessageContaining("injected");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        void assertCanBeRead(VLog in, ValuePointer pointer) throws IOException {
            int number = numbers.get(pointer);
            assertThat(in.read(pointer, key(number))).isEqualTo(value(number, length(number)));
        }

        void assertAllCanBeRead(VLog in) throws IOException {
            for (ValuePointer pointer : pointers) {
                assertCanBeRead(in, pointer);
            }
        }

        /** Checks that in each file every record begins at the end of the one before. */
        void assertNothingIsShifted() {
            Map<Long, Long> ends = new HashMap<>();
            for (ValuePointer pointer : pointers) {
                long expected = ends.getOrDefault(pointer.fileId(), (long) FileHeader.BYTES);
                assertThat(pointer.offset()).as("%s", pointer).isEqualTo(expected);
                ends.put(pointer.fileId(), pointer.offset() + pointer.recordBytes());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whicheverCallFailsNothingIsLostOrShiftedAndTheNextAttemptIsRight(long seed) throws IOException {
        boolean failed = true;
        for (int n = 1; failed; n++) {
            FaultyStorage disk = new FaultyStorage(seed);
            Run run = new Run(disk);
            disk.failCall(n);
            run.all();
            failed = disk.hasFailed();
            disk.heal();
            run.assertNothingIsShifted();
            run.assertAllCanBeRead(run.log);
            if (run.poisoned) {
                run.log.close();
                continue;
            }
            run.append(1000);
            run.log.sync();
            VLogTail tail = run.log.tail();
            for (FaultyStorage after : List.of(disk.kill(), disk.crash(n))) {
                try (VLog log = TestLog.open(after, SMALL_FILES, tail)) {
                    assertThat(log.tail()).isEqualTo(tail);
                    run.assertAllCanBeRead(log);
                    ValuePointer next = log.append(key(1), value(1, 50));
                    assertThat(log.read(next, key(1))).isEqualTo(value(1, 50));
                    run.assertAllCanBeRead(log);
                }
            }
            assertThat(n).isLessThan(1000);
        }
    }

    @Test
    void whicheverCallFailsWhileOpeningNothingStaysOpenAndTheNextAttemptIsRight() throws IOException {
        Run run = new Run(storage);
        run.all();
        run.log.close();
        VLogTail tail = run.log.tail();
        for (VLogTail each : new VLogTail[] {tail, null}) {
            int n = 0;
            do {
                storage.failCall(++n);
                try (VLog log = TestLog.open(storage, SMALL_FILES, each)) {
                    assertThat(log.tail()).isEqualTo(tail);
                } catch (InjectedException e) {
                    assertThat(storage.openFiles()).isZero();
                }
            } while (storage.hasFailed());
            storage.heal();
            try (VLog log = TestLog.open(storage, SMALL_FILES, each)) {
                run.assertAllCanBeRead(log);
            }
        }
    }

    // ---- failed writes

    @ParameterizedTest
    @ValueSource(ints = {20, 5000})
    void afterAFailedAppendTheNextOneIsRight(int valueBytes) throws IOException {
        try (VLog log = TestLog.open(storage, TestLog.options(1 << 20, 64), null)) {
            ValuePointer first = log.append(key(1), value(1, 40));
            storage.failAlways(Operation.WRITE);
            assertThatThrownBy(() -> log.append(key(2), value(2, valueBytes))).isInstanceOf(InjectedException.class);
            assertThat(log.tail().longLived().length()).isEqualTo(first.offset() + first.recordBytes());
            assertThat(log.read(first, key(1))).isEqualTo(value(1, 40));
            storage.heal();
            ValuePointer third = log.append(key(3), value(3, 30));
            assertThat(third.offset()).isEqualTo(first.offset() + first.recordBytes());
            log.drain();
            assertThat(log.read(first, key(1))).isEqualTo(value(1, 40));
            assertThat(log.read(third, key(3))).isEqualTo(value(3, 30));
        }
    }

    @Test
    void whatAFailedWriteLeavesBehindIsGoneWhenTheFileIsSealed() throws IOException {
        try (VLog log = TestLog.open(storage, TestLog.options(10_000, 0), null)) {
            log.append(key(1), value(1, 100));
            long end = log.tail().longLived().length();
            storage.failCall(3, Operation.WRITE);
            assertThatThrownBy(() -> log.append(key(2), value(2, 9_000))).isInstanceOf(InjectedException.class);
            assertThat(storage.bytes(FileName.of(1))).hasSizeGreaterThan((int) end);
            log.append(key(3), value(3, 20_000));
            assertThat(storage.bytes(FileName.of(1))).hasSize((int) end);
        }
    }

    @Test
    void aFullDiskRefusesAndGoesOnWhenThereIsRoom() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            storage.limitTo(3000);
            List<ValuePointer> pointers = new ArrayList<>();
            assertThatThrownBy(() -> {
                        while (true) {
                            pointers.add(log.append(key(pointers.size()), value(pointers.size(), 100)));
                        }
                    })
                    .hasMessageContaining("No space left");
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> log.append(key(1), value(1, 2000))).hasMessageContaining("No space left");
            }
            log.delete(1); // which needs no room
            int kept = pointers.size();
            pointers.add(log.append(key(kept), value(kept, 100)));
            log.sync();
            for (int i = 0; i < pointers.size(); i++) {
                if (pointers.get(i).fileId() != 1) {
                    assertThat(log.read(pointers.get(i), key(i))).isEqualTo(value(i, 100));
                }
            }
        }
    }

    @Test
    void aFileThatCannotBeCreatedLeavesTheLogAsItWas() throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            ValuePointer first = log.append(key(1), value(1, 900));
            storage.failAlways(Operation.CREATE, Operation.DELETE);
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(() -> log.append(key(2), value(2, 900))).isInstanceOf(InjectedException.class);
            }
            log.append(key(3), new byte[0]);
            storage.heal();
            ValuePointer last = log.append(key(4), value(4, 900));
            assertThat(storage.list()).as("half-made files are gone").hasSize(2);
            assertThat(log.read(first, key(1))).isEqualTo(value(1, 900));
            assertThat(log.read(last, key(4))).isEqualTo(value(4, 900));
        }
    }

    @Test
    void aCloseThatCannotDrainSaysSoAndClosesAllTheSame() throws IOException {
        VLog log = TestLog.open(storage);
        log.append(key(1), value(1, 10));
        storage.failAlways(Operation.WRITE);
        assertThatThrownBy(log::close).isInstanceOf(UncheckedIOException.class);
        assertThat(storage.openFiles()).isZero();
        assertThatCode(log::close).doesNotThrowAnyException();
    }

    // ---- failed syncs

    @ParameterizedTest
    @ValueSource(strings = {"SYNC", "SYNC_NAMES"})
    void aFailedSyncPoisonsTheWriterButReadsGoOn(String kind) throws IOException {
        try (VLog log = TestLog.open(storage, SMALL_FILES, null)) {
            ValuePointer written = log.append(key(0), value(0, 2000));
            ValuePointer buffered = log.append(key(1), value(1, 100));
            storage.failCall(1, Operation.valueOf(kind));
            assertThatThrownBy(log::sync).isInstanceOf(InjectedException.class);

            assertPoisoned(() -> log.append(key(2), value(2, 10)));
            assertPoisoned(log::drain);
            assertPoisoned(log::sync);
            assertThat(log.read(written, key(0))).isEqualTo(value(0, 2000));
            assertThat(log.read(buffered, key(1))).isEqualTo(value(1, 100));
            assertPoisoned(() -> log.delete(1));
        }
        assertThat(storage.openFiles()).isZero();
    }

    private static void assertPoisoned(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(VLogPoisonedException.class)
                .hasMessageContaining("a sync failed (injected failure")
                .hasCauseInstanceOf(InjectedException.class);
    }

    @Test
    void aDrainThatFailsInASyncCanBeTriedAgain() throws IOException {
        try (VLog log = TestLog.open(storage)) {
            ValuePointer pointer = log.append(key(1), value(1, 100));
            storage.failCall(1, Operation.WRITE);
            assertThatThrownBy(log::sync).isInstanceOf(InjectedException.class);
            log.sync();
            try (VLog after = TestLog.open(storage.crash(1), TestLog.OPTIONS, log.tail())) {
                assertThat(after.read(pointer, key(1))).isEqualTo(value(1, 100));
            }
        }
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.TestLog.key;
import static io.vlogstreams.internal.vlog.TestLog.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random work, power failures and killed processes: synced records survive, and the remains of others do no harm.
 */
class CrashTest {

    private static final VLogOptions SMALL_FILES = new VLogOptions(1024, 256, 3, 2000, ChecksumLevel.FULL);

    @Test
    void whatWasSyncedSurvivesEveryCrash() throws IOException {
        for (long seed = 0; seed < 300; seed++) {
            try {
                new Life(seed).run();
            } catch (AssertionError | IOException | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** One log over several processes. */
    private static final class Life {
        private final Random random;
        private FaultyStorage storage;
        private VLogTail committedTail = VLogTail.EMPTY;
        private Map<ValuePointer, Integer> committed = new HashMap<>();
        private Map<ValuePointer, Integer> current = new HashMap<>();
        private int next;

        Life(long seed) {
            random = new Random(seed);
            storage = new FaultyStorage(seed);
        }

        void run() throws IOException {
            for (int process = 0; process < 5; process++) {
                VLog log = TestLog.open(storage, SMALL_FILES, committedTail, committed.keySet());
                assertThat(log.tail().longLived().fileId())
                        .isEqualTo(committedTail.longLived().fileId());
                assertThat(log.tail().longLived().length())
                        .isEqualTo(committedTail.longLived().length());
                current = new HashMap<>(committed);
                assertAllCanBeRead(log);
                int steps = random.nextInt(40);
                for (int i = 0; i < steps; i++) {
                    step(log);
                }
                assertAllCanBeRead(log);
                storage = random.nextInt(4) == 0 ? storage.kill() : storage.crash(random.nextLong());
            }
        }

        private void step(VLog log) throws IOException {
            switch (random.nextInt(12)) {
                case 0 -> log.drain();
                case 1 -> commit(log);
                case 2 -> deleteOne(log);
                case 3 -> log.syncDrained();
                default -> append(log);
            }
        }

        private void append(VLog log) throws IOException {
            int number = next++;
            current.put(log.append(key(number), value(number, length(number))), number);
        }

        private static int length(int number) {
            return number % 11 == 0 ? 1500 : number * 37 % 300;
        }

        private void commit(VLog log) throws IOException {
            committedTail = log.drain();
            committed = new HashMap<>(current);
            if (random.nextBoolean()) {
                append(log);
                log.syncDrained();
            } else {
                assertThat(log.sync()).isEqualTo(committedTail);
            }
        }

        /** Deletes a sealed file before the committed tail, after a commit has dropped its records. */
        private void deleteOne(VLog log) throws IOException {
            for (VLogFileInfo file : log.files()) {
                if (file.fileId() < committedTail.longLived().fileId() && random.nextBoolean()) {
                    current.keySet().removeIf(pointer -> pointer.fileId() == file.fileId());
                    committed.keySet().removeIf(pointer -> pointer.fileId() == file.fileId());
                    log.delete(file.fileId());
                    return;
                }
            }
        }

        private void assertAllCanBeRead(VLog log) throws IOException {
            for (Map.Entry<ValuePointer, Integer> record : current.entrySet()) {
                int number = record.getValue();
                assertThat(log.read(record.getKey(), key(number))).isEqualTo(value(number, length(number)));
            }
        }
    }

    @Test
    void theFirstSyncAlsoMakesDurableWhatAKilledProcessHadWritten() throws IOException {
        FaultyStorage storage = new FaultyStorage();
        VLog killed = TestLog.open(storage, SMALL_FILES, null);
        Map<ValuePointer, Integer> written = new HashMap<>();
        for (int i = 0; i < 50; i++) {
            written.put(killed.append(key(i), value(i, 100)), i);
        }
        killed.drain();
        VLogTail tail = killed.tail();
        for (int seed = 0; seed < 20; seed++) {
            storage = storage.kill();
            VLog log = TestLog.open(storage, SMALL_FILES, tail);
            log.sync();
            storage = storage.crash(seed);
            try (VLog after = TestLog.open(storage, SMALL_FILES, tail)) {
                for (Map.Entry<ValuePointer, Integer> record : written.entrySet()) {
                    assertThat(after.read(record.getKey(), key(record.getValue())))
                            .isEqualTo(value(record.getValue(), 100));
                }
            }
        }
    }
}

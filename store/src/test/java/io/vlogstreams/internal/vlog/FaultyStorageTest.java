/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.FaultyStorage.InjectedException;
import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Tests the test double that the other tests rely on. */
class FaultyStorageTest {

    private final FaultyStorage storage = new FaultyStorage();

    private static ByteBuffer bytes(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length);
        for (int value : values) {
            bytes.put((byte) value);
        }
        return bytes.flip();
    }

    @Test
    void whatWasSyncedSurvivesACrash() throws IOException {
        try (StorageFile file = storage.create("a")) {
            file.write(bytes(1, 2, 3), 0);
            file.sync();
            storage.sync();
            file.write(bytes(9), 1);
        }
        Set<String> seen = new TreeSet<>();
        for (long seed = 0; seed < 50; seed++) {
            FaultyStorage after = storage.crash(seed);
            seen.add(java.util.Arrays.toString(after.bytes("a")));
        }
        assertThat(seen)
                .as("with the later write and without")
                .contains("[1, 2, 3]")
                .allMatch(s -> s.endsWith(" 3]"));
    }

    @Test
    void unsyncedBytesAreLostKeptOrTorn() throws IOException {
        StorageFile file = storage.create("a");
        storage.sync();
        file.write(ByteBuffer.allocate(10), 0);
        Set<Integer> sizes = new TreeSet<>();
        for (long seed = 0; seed < 200; seed++) {
            sizes.add(storage.crash(seed).bytes("a").length);
        }
        assertThat(sizes).contains(0, 1, 5, 9);
    }

    @Test
    void unsyncedNamesAreLostOrKept() throws IOException {
        storage.put("old", new byte[1]);
        storage.create("new").close();
        storage.delete("old");
        Set<String> seen = new TreeSet<>();
        for (long seed = 0; seed < 50; seed++) {
            seen.add(storage.crash(seed).list().toString());
        }
        assertThat(seen).containsExactlyInAnyOrder("[]", "[new]", "[new, old]", "[old]");
    }

    @Test
    void aKillLosesNothingButMakesNothingDurable() throws IOException {
        storage.create("a").write(bytes(1, 2), 0);
        FaultyStorage next = storage.kill();
        assertThat(next.bytes("a")).containsExactly(1, 2);
        assertThat(storesLeft(next)).contains("[]");
    }

    private static Set<String> storesLeft(FaultyStorage storage) throws IOException {
        Set<String> seen = new TreeSet<>();
        for (long seed = 0; seed < 20; seed++) {
            seen.add(storage.crash(seed).list().toString());
        }
        return seen;
    }

    @Test
    void afterACrashTheOldOneOnlyThrows() throws IOException {
        StorageFile file = storage.create("a");
        storage.crash(1);
        assertThatThrownBy(() -> file.write(bytes(1), 0)).hasMessageContaining("crashed");
        assertThatThrownBy(storage::list).hasMessageContaining("crashed");
    }

    @Test
    void theChosenCallFailsOnceAndAFailedWriteIsHalfDone() throws IOException {
        StorageFile file = storage.create("a");
        storage.failCall(2, Operation.WRITE);
        file.write(bytes(1, 2), 0);
        assertThat(file.size()).isEqualTo(2);
        assertThat(storage.hasFailed()).isFalse();
        assertThatThrownBy(() -> file.write(bytes(3, 4), 2)).isInstanceOf(InjectedException.class);
        assertThat(storage.hasFailed()).isTrue();
        assertThat(file.size()).isEqualTo(3);
        file.write(bytes(3, 4), 2);
        assertThat(storage.bytes("a")).containsExactly(1, 2, 3, 4);
    }

    @Test
    void afterAFailedSyncTheNextOneSucceedsWithoutTheLostBytes() throws IOException {
        StorageFile file = storage.create("a");
        storage.sync();
        file.write(bytes(1, 2), 0);
        storage.failCall(1, Operation.SYNC);
        assertThatThrownBy(file::sync).isInstanceOf(InjectedException.class);
        file.sync();
        assertThat(storage.bytes("a")).hasSize(2);
        assertThat(storage.crash(1).bytes("a")).isEmpty();
    }

    @Test
    void aFullDiskTakesWhatFits() throws IOException {
        StorageFile file = storage.create("a");
        storage.limitTo(3);
        assertThatThrownBy(() -> file.write(bytes(1, 2, 3, 4), 0)).hasMessageContaining("No space left");
        assertThat(storage.bytes("a")).containsExactly(1, 2, 3);
        file.write(bytes(7, 7), 0);
        storage.heal();
        file.write(bytes(4), 3);
        assertThat(storage.bytes("a")).containsExactly(7, 7, 3, 4);
    }
}

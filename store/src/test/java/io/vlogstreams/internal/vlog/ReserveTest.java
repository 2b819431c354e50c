/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.FaultyStorage.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReserveTest {

    private static final int MIB = 1 << 20;
    private static final int TARGET = 8 * MIB;

    private final FaultyStorage storage = new FaultyStorage();
    private final Reserve reserve = new Reserve(storage, new ReentrantLock());

    private int steps(Reserve growing) {
        int steps = 1;
        while (growing.grow()) {
            steps++;
        }
        return steps;
    }

    private void fill() {
        reserve.keep(TARGET);
        steps(reserve);
        assertThat(reserve.bytes()).isEqualTo(TARGET);
    }

    private long sizeOnDisk() {
        return storage.bytes(Reserve.NAME).length;
    }

    private long usedBytes() {
        return storage.names().stream()
                .mapToLong(name -> storage.bytes(name).length)
                .sum();
    }

    /** Writes that many bytes at the start of a file of that name. */
    private void write(String name, int bytes) throws IOException {
        if (!storage.names().contains(name)) {
            storage.put(name, new byte[0]);
        }
        try (StorageFile file = storage.open(name)) {
            file.write(ByteBuffer.allocate(bytes), 0);
        }
    }

    @Test
    void aStoreThatNeverRelocatesHasNone() throws IOException {
        reserve.find();
        reserve.keepAfterDeletion(TARGET);
        assertThat(reserve.isDue()).isFalse();
        assertThat(reserve.grow()).isFalse();
        assertThat(storage.names()).isEmpty();
        assertThat(reserve.bytes()).isZero();
    }

    @Test
    void itGrowsToItsSizeInSteps() {
        reserve.keep(TARGET + 5);
        assertThat(reserve.isDue()).isTrue();
        assertThat(reserve.grow()).isTrue();
        assertThat(sizeOnDisk()).isEqualTo(MIB);
        assertThat(steps(reserve)).isEqualTo(8);
        assertThat(sizeOnDisk()).isEqualTo(TARGET + 5).isEqualTo(reserve.bytes());
        assertThat(reserve.isDue()).isFalse();
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void aFileSystemThatCompressesSavesNothing() {
        fill();
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        deflater.setInput(storage.bytes(Reserve.NAME));
        deflater.finish();
        byte[] some = new byte[MIB];
        long compressed = 0;
        while (!deflater.finished()) {
            compressed += deflater.deflate(some);
        }
        deflater.end();
        assertThat(compressed).isGreaterThanOrEqualTo(TARGET);
    }

    @Test
    void itFollowsALogThatGrowsOrShrinksMuch() {
        fill();
        reserve.keep(TARGET + MIB);
        assertThat(reserve.isDue()).isFalse();
        reserve.keepAfterDeletion(2 * TARGET);
        steps(reserve);
        assertThat(sizeOnDisk()).isEqualTo(2 * TARGET);
        reserve.keep(TARGET);
        assertThat(reserve.isDue()).isFalse();
        reserve.keep(MIB);
        steps(reserve);
        assertThat(sizeOnDisk()).isEqualTo(MIB).isEqualTo(reserve.bytes());
    }

    @Test
    void itLeavesSomeRoomToOthers() {
        storage.put("other", new byte[MIB]);
        storage.limitTo(6L * MIB);
        reserve.keep(TARGET);
        steps(reserve);
        assertThat(storage.usableBytes()).isEqualTo(MIB);
        assertThat(reserve.bytes()).isEqualTo(4 * MIB).isEqualTo(sizeOnDisk());
        assertThat(reserve.isDue()).isFalse();

        storage.remove("other");
        reserve.keepAfterDeletion(TARGET);
        steps(reserve);
        assertThat(reserve.bytes()).as("room came").isEqualTo(5 * MIB);
    }

    @Test
    void aWriteThatHasNoRoomGetsAPieceOfIt() throws IOException {
        fill();
        storage.limitTo(usedBytes());
        assertThatThrownBy(() -> write("put", MIB)).hasMessageContaining("No space left");
        reserve.writing(() -> write("copy", MIB));
        assertThat(storage.bytes("copy")).hasSize(MIB);
        assertThat(reserve.bytes()).isEqualTo(TARGET - 2 * MIB).isEqualTo(sizeOnDisk());
        assertThat(reserve.isInUse()).isTrue();
    }

    @Test
    void aWriteOfUnknownSizeGetsPieceAfterPiece() throws IOException {
        fill();
        storage.limitTo(usedBytes());
        AtomicInteger attempts = new AtomicInteger();
        reserve.writing(() -> {
            attempts.incrementAndGet();
            write("copy", 3 * MIB);
        });
        assertThat(attempts).hasValue(3);
        assertThat(storage.bytes("copy")).hasSize(3 * MIB);
        assertThat(reserve.bytes()).isEqualTo(TARGET - 4 * MIB);
    }

    @Test
    void aWriteOfKnownSizeGetsWhatItNeedsAtOnce() throws IOException {
        fill();
        storage.limitTo(usedBytes());
        int attempts = reserve.writing(5 * MIB, new Reserve.ResultingWrite<Integer>() {
            private int count;

            @Override
            public Integer run() throws IOException {
                count++;
                write("copy", 5 * MIB);
                return count;
            }
        });
        assertThat(attempts).isEqualTo(2);
        assertThat(storage.bytes("copy")).hasSize(5 * MIB);
        assertThat(reserve.bytes()).isEqualTo(TARGET - 6 * MIB);
    }

    @Test
    void whenItIsUsedUpTheWriteFails() {
        fill();
        storage.limitTo(usedBytes());
        assertThatThrownBy(() -> reserve.writing(() -> write("copy", TARGET + 1)))
                .hasMessageContaining("No space left");
        assertThat(reserve.bytes()).isZero();
        assertThat(sizeOnDisk()).isZero();
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void aFailureThatIsNoLackOfRoomCutsNothing() {
        fill();
        storage.failCall(1, Operation.WRITE);
        assertThatThrownBy(() -> reserve.writing(() -> write("copy", 10)))
                .isInstanceOf(FaultyStorage.InjectedException.class);
        assertThat(reserve.bytes()).isEqualTo(TARGET).isEqualTo(sizeOnDisk());
        assertThat(reserve.makeRoom(0)).isFalse();
        assertThat(reserve.isInUse()).isFalse();
    }

    @Test
    void roomIsMadeBeforehandIfThereIsLittle() {
        fill();
        storage.limitTo(usedBytes() + MIB);
        assertThat(reserve.makeRoom(0)).isFalse();
        assertThat(reserve.makeRoom(1)).isTrue();
        assertThat(storage.usableBytes()).isEqualTo(3 * MIB);
        assertThat(reserve.makeRoom(1)).isFalse();
    }

    @Test
    void whatWasUsedIsGivenBackAfterADeletion() throws IOException {
        storage.put("old", new byte[4 * MIB]);
        fill();
        storage.limitTo(usedBytes());
        reserve.writing(() -> write("copy", MIB));
        assertThat(reserve.isDue()).isFalse();
        storage.remove("old");
        reserve.keepAfterDeletion(TARGET);
        steps(reserve);
        assertThat(reserve.bytes()).isEqualTo(TARGET).isEqualTo(sizeOnDisk());
        assertThat(reserve.isInUse()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, MIB, TARGET, 3 * TARGET})
    void whatAnEarlierProcessLeftIsUsed(int bytes) throws IOException {
        storage.put(Reserve.NAME, new byte[bytes]);
        FaultyStorage left = storage.kill();
        try (VLog log = VLog.open(left, TestLog.OPTIONS, null, id -> false)) {
            Reserve found = log.reserve();
            assertThat(log.files()).isEmpty();
            assertThat(found.bytes()).isEqualTo(bytes);
            found.keepAfterDeletion(TARGET);
            steps(found);
            assertThat(found.bytes()).isEqualTo(TARGET);
            assertThat(left.bytes(Reserve.NAME)).hasSize(TARGET);
        }
        assertThat(left.names()).containsExactly(Reserve.NAME);
    }

    @Test
    void oneThatIsGoneIsMadeAnew() {
        fill();
        storage.remove(Reserve.NAME);
        storage.limitTo(TARGET);
        write("other", TARGET, reserve);
        assertThat(reserve.bytes()).isZero();
        storage.remove("other");
        reserve.keepAfterDeletion(TARGET);
        steps(reserve);
        assertThat(sizeOnDisk()).isEqualTo(TARGET - MIB).isEqualTo(reserve.bytes());
    }

    private void write(String name, int bytes, Reserve from) {
        storage.put(name, new byte[bytes]);
        assertThatThrownBy(() -> from.writing(() -> write(name, bytes + 1))).hasMessageContaining("No space left");
    }

    /** Each call of the reserve fails once; callers only see failures of their own writes. */
    @Test
    void aFailureOfItsOwnDoesNotHurt() throws IOException {
        boolean failed = true;
        int failures = 0;
        for (int call = 1; failed; call++) {
            FaultyStorage faulty = new FaultyStorage(call);
            faulty.failCall(call);
            Reserve tried = new Reserve(faulty, new ReentrantLock());
            tried.find();
            for (int i = 0; i < 3; i++) {
                tried.keep(2 * MIB);
                steps(tried);
            }
            faulty.limitTo(2 * MIB);
            tried.makeRoom(MIB);
            failed = faulty.hasFailed();
            failures += failed ? 1 : 0;
            faulty.heal();
            tried.keep(2 * MIB);
            steps(tried);
            assertThat(tried.bytes()).isEqualTo(2 * MIB);
            assertThat(faulty.bytes(Reserve.NAME)).hasSize(2 * MIB);
            assertThat(faulty.openFiles()).isZero();
        }
        assertThat(failures).isGreaterThan(10);
    }

    @Test
    void onARealDiskItOccupiesRoom(@TempDir Path temp) throws IOException {
        DirectoryStorage real = new DirectoryStorage(temp.resolve("vlog"));
        assertThat(real.usableBytes()).isZero();
        try (VLog log = VLog.open(real, TestLog.OPTIONS, null, id -> false)) {
            log.append(new byte[] {1}, new byte[100]);
            assertThat(real.usableBytes()).isPositive();
            log.reserve().keep(3 * MIB);
            steps(log.reserve());
            assertThat(Files.size(temp.resolve("vlog").resolve(Reserve.NAME))).isEqualTo(3 * MIB);
        }
    }
}

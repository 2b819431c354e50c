/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReadAheadTest {

    private static final int FILE_BYTES = 3 * ReadAhead.PIECE_BYTES + 1000;

    private final byte[] content = new byte[FILE_BYTES];
    private final byte[] padded;
    private final List<Integer> reads = new ArrayList<>();
    private boolean fails;
    private final ReadAhead ahead = new ReadAhead(this::read);

    ReadAheadTest() {
        new Random(1).nextBytes(content);
        padded = Arrays.copyOf(content, FILE_BYTES + 1000);
    }

    private int read(ByteBuffer target, long position) throws IOException {
        if (fails) {
            throw new IOException("disk");
        }
        int count = (int) Math.max(0, Math.min(target.remaining(), FILE_BYTES - position));
        if (count > 0) {
            target.put(content, (int) position, count);
        }
        reads.add(count);
        return count;
    }

    private void check(long position, int bytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(bytes + 2).position(1).limit(bytes + 1);
        int count = ahead.read(target, position);
        int expected = (int) Math.max(0, Math.min(bytes, FILE_BYTES - position));
        assertThat(count).isEqualTo(expected);
        assertThat(target.position()).isEqualTo(1 + count);
        assertThat(target.flip().position(1)).isEqualTo(ByteBuffer.wrap(padded, (int) position, count));
    }

    @Test
    void fromFrontToBackThereIsOneCallForManyReads() throws IOException {
        for (int position = 0; position + 1000 <= FILE_BYTES; position += 1000) {
            check(position, 1000);
        }
        assertThat(reads).hasSize(4);
    }

    @Test
    void whatWasJustPassedIsThereStill() throws IOException {
        check(31, 1000);
        check(2000, 1000);
        check(31, 500);
        assertThat(reads).hasSize(1);
    }

    @Test
    void ofWhatIsLeftOutLittleIsRead() throws IOException {
        for (int position = 0; position < FILE_BYTES; position += 150_000) {
            check(position, 8);
        }
        assertThat(reads).isNotEmpty();
        assertThat(reads.stream().skip(1)).allMatch(count -> count <= 4096);
    }

    @Test
    void largeReadsAreMadeAsTheyAre() throws IOException {
        check(100, ReadAhead.LARGE_BYTES + 1);
        check(100, ReadAhead.LARGE_BYTES + 1);
        assertThat(reads).containsExactly(ReadAhead.LARGE_BYTES + 1, ReadAhead.LARGE_BYTES + 1);
    }

    @Test
    void atTheEndThereIsLess() throws IOException {
        check(FILE_BYTES - 10, 100);
        check(FILE_BYTES, 100);
        check(FILE_BYTES + 50, 100);
        check(FILE_BYTES - 100_000, ReadAhead.LARGE_BYTES);
    }

    @Test
    void anyPlaceCanBeReadAtAnyTime() throws IOException {
        Random random = new Random(2);
        for (int i = 0; i < 3000; i++) {
            long near = random.nextBoolean() ? random.nextInt(20_000) : random.nextInt(FILE_BYTES);
            check(near, random.nextInt(2 * ReadAhead.LARGE_BYTES));
        }
    }

    @Test
    void afterAFailureNothingIsTakenForRead() throws IOException {
        check(0, 100);
        fails = true;
        assertThatThrownBy(() -> check(ReadAhead.PIECE_BYTES, 100)).hasMessage("disk");
        assertThatThrownBy(() -> check(ReadAhead.PIECE_BYTES, 100)).hasMessage("disk");
        fails = false;
        check(ReadAhead.PIECE_BYTES, 100);
        check(0, 100);
    }
}

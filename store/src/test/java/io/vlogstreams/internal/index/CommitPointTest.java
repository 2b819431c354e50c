/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.VLogTail;
import io.vlogstreams.internal.vlog.VLogTail.End;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommitPointTest {

    private static final CommitPoint FULL = new CommitPoint(
            new VLogTail(new End(7, 8192), new End(9, 512), new End(8, 4096), 9),
            new EntryCount(1L << 40, 17),
            Map.of("app-documents-changelog-0", 123L, "global-3", -4L, "unicode-\u00e4\u20ac-1", Long.MAX_VALUE),
            new byte[] {1, 2, 3},
            new byte[] {0, 2},
            true,
            true,
            true);

    @Test
    void comesBackAsItWentIn() throws IndexException {
        assertSame(FULL, CommitPoint.decode(FULL.encode()));
    }

    @Test
    void theEmptyCommitPointComesBackAsItWentIn() throws IndexException {
        CommitPoint empty = CommitPoint.empty(new byte[] {1});
        assertSame(empty, CommitPoint.decode(empty.encode()));
        assertThat(empty.tail()).isEqualTo(VLogTail.EMPTY);
        assertThat(empty.written()).isFalse();
        assertThat(empty.dirty()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "true,true,true",
        "true,true,false",
        "true,false,true",
        "true,false,false",
        "false,true,true",
        "false,true,false",
        "false,false,true",
        "false,false,false"
    })
    void everyFlagComesBack(boolean dirty, boolean written, boolean counted) throws IndexException {
        CommitPoint point = new CommitPoint(
                VLogTail.EMPTY, EntryCount.NONE, Map.of(), new byte[0], new byte[] {0}, dirty, written, counted);
        assertSame(point, CommitPoint.decode(point.encode()));
    }

    @Test
    void theHighestFileIdComesBack() throws IndexException {
        VLogTail tail = new VLogTail(
                new End(0xFFFF_FFFFL, 1L << 40),
                new End(0xFFFF_FFFDL, 1L << 40),
                new End(0xFFFF_FFFEL, 1L << 40),
                0xFFFF_FFFFL);
        CommitPoint point =
                new CommitPoint(tail, EntryCount.NONE, Map.of(), new byte[0], new byte[] {0}, false, true, false);
        assertThat(CommitPoint.decode(point.encode()).tail()).isEqualTo(tail);
    }

    @Test
    void theSameOffsetsInAnotherOrderHaveTheSameBytes() {
        Map<String, Long> up = new LinkedHashMap<>();
        Map<String, Long> down = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) {
            up.put("topic-" + i, (long) i);
            down.put("topic-" + (19 - i), (long) (19 - i));
        }
        assertThat(withOffsets(up).encode()).isEqualTo(withOffsets(down).encode());
    }

    @Test
    void aCommitPointThatIsCutAnywhereIsRefused() {
        byte[] encoded = FULL.encode();
        for (int length = 0; length < encoded.length; length++) {
            byte[] cut = Arrays.copyOf(encoded, length);
            assertThatThrownBy(() -> CommitPoint.decode(cut))
                    .as("cut to %s of %s bytes", length, encoded.length)
                    .isInstanceOf(IndexException.class)
                    .hasMessageContaining("commit point");
        }
    }

    @Test
    void aFlippedBitAnywhereIsRefused() {
        byte[] encoded = FULL.encode();
        for (int bit = 0; bit < encoded.length * Byte.SIZE; bit++) {
            byte[] flipped = encoded.clone();
            flipped[bit / Byte.SIZE] ^= (byte) (1 << (bit % Byte.SIZE));
            assertThatThrownBy(() -> CommitPoint.decode(flipped))
                    .as("bit %s of byte %s", bit % Byte.SIZE, bit / Byte.SIZE)
                    .isInstanceOf(IndexException.class)
                    .hasMessageContaining("commit point");
        }
    }

    @Test
    void bytesBehindTheEndAreRefused() {
        byte[] longer = Arrays.copyOf(FULL.encode(), FULL.encode().length + 1);
        assertThatThrownBy(() -> CommitPoint.decode(longer)).isInstanceOf(IndexException.class);
    }

    @Test
    void randomBytesAreRefused() {
        long seed = 77;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(80)];
            random.nextBytes(noise);
            if (noise.length > 0) {
                noise[0] = 3; // past the version check
            }
            assertThatThrownBy(() -> CommitPoint.decode(noise))
                    .as("seed %s: %s", seed, Arrays.toString(noise))
                    .isInstanceOf(IndexException.class);
        }
    }

    @Test
    void aLaterVersionSaysWhichVersionsThereAre() {
        byte[] later = FULL.encode();
        later[0] = 4;
        int body = later.length - Integer.BYTES;
        ByteBuffer.wrap(later).putInt(body, Checksums.crc32(later, body));
        assertThatThrownBy(() -> CommitPoint.decode(later))
                .hasMessageContaining("version 4")
                .hasMessageContaining("reads 3");
    }

    private static CommitPoint withOffsets(Map<String, Long> offsets) {
        return new CommitPoint(
                VLogTail.EMPTY, EntryCount.NONE, offsets, new byte[0], new byte[] {0}, false, true, false);
    }

    private static void assertSame(CommitPoint expected, CommitPoint found) {
        assertThat(found.tail()).isEqualTo(expected.tail());
        assertThat(found.entries()).isEqualTo(expected.entries());
        assertThat(found.offsets()).isEqualTo(expected.offsets());
        assertThat(found.position()).isEqualTo(expected.position());
        assertThat(found.formats()).isEqualTo(expected.formats());
        assertThat(found.dirty()).isEqualTo(expected.dirty());
        assertThat(found.written()).isEqualTo(expected.written());
    }
}

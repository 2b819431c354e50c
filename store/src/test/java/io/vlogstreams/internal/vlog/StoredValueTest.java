/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static io.vlogstreams.internal.vlog.CompressionType.LZ4;
import static io.vlogstreams.internal.vlog.CompressionType.NONE;
import static io.vlogstreams.internal.vlog.CompressionType.ZSTD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StoredValueTest {

    private static final int[] SIZES = {0, 1, 2, 63, 64, 65, 100, 1000, 4096, 70_000, 1 << 20};

    private static byte[] encode(byte[] value, CompressionType type) {
        return StoredValue.encode(value, type, 3);
    }

    private static byte[] decode(byte[] stored, CompressionType type) throws CorruptRecordException {
        return StoredValue.decode(ByteBuffer.wrap(stored), type, "f.vlog", 31);
    }

    private static byte[] random(int length) {
        return TestLog.value(length, length);
    }

    /** Returns a value that compresses well. */
    private static byte[] repetitive(int length) {
        byte[] value = new byte[length];
        for (int i = 0; i < length; i++) {
            value[i] = (byte) (i % 19);
        }
        return value;
    }

    @ParameterizedTest
    @EnumSource
    void everyValueComesBack(CompressionType type) throws CorruptRecordException {
        for (int size : SIZES) {
            for (byte[] value : new byte[][] {random(size), repetitive(size), new byte[size]}) {
                byte[] stored = encode(value, type);
                assertThat(decode(stored, type)).as("%s bytes", size).isEqualTo(value);
                assertThat(stored.length).as("at most the form is added").isLessThanOrEqualTo(size + 1);
                ByteBuffer direct = ByteBuffer.allocateDirect(stored.length + 7).position(7);
                direct.put(stored).position(7);
                assertThat(StoredValue.decode(direct, type, "f", 31)).isEqualTo(value);
                ByteBuffer inside = ByteBuffer.allocate(stored.length + 9).position(4);
                inside.put(stored).position(4).limit(4 + stored.length);
                assertThat(StoredValue.decode(inside.slice(), type, "f", 31)).isEqualTo(value);
            }
        }
    }

    @Test
    void withoutCompressionTheValueIsStoredAsItIs() {
        for (int size : SIZES) {
            byte[] value = repetitive(size);
            assertThat(encode(value, NONE)).isSameAs(value);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void whatDoesNotShrinkByAnEighthIsStoredAsItIsWithAZeroBefore(CompressionType type) {
        for (int size : SIZES) {
            byte[] value = random(size);
            assertThat(encode(value, type)).isEqualTo(withFormZero(value));
        }
        byte[] justUnder = random(1000);
        Arrays.fill(justUnder, 900, 1000, (byte) 0);
        assertThat(encode(justUnder, type)).isEqualTo(withFormZero(justUnder));
        byte[] justOver = random(1000);
        Arrays.fill(justOver, 800, 1000, (byte) 0);
        assertThat(encode(justOver, type)).hasSizeBetween(800, 875).startsWith(1, 0, 0, 3, 232);
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void smallValuesAreNotCompressed(CompressionType type) {
        assertThat(encode(new byte[63], type)).isEqualTo(withFormZero(new byte[63]));
        assertThat(encode(new byte[64], type)).hasSizeLessThan(40).startsWith(1, 0, 0, 0, 64);
    }

    private static byte[] withFormZero(byte[] value) {
        byte[] stored = new byte[value.length + 1];
        System.arraycopy(value, 0, stored, 1, value.length);
        return stored;
    }

    /** Assembled by hand from the specifications of the two formats. */
    @Test
    void aBlockAndAFrameOfAnotherWriterAreRead() throws CorruptRecordException {
        byte[] value = new byte[100];
        assertThat(decode(HexFormat.of().parseHex(LZ4_OF_100_ZEROS), LZ4)).isEqualTo(value);
        assertThat(decode(HexFormat.of().parseHex(ZSTD_OF_100_ZEROS), ZSTD)).isEqualTo(value);
    }

    /** Form 1, length 100; a literal zero, 94 more, and five literals at the end. */
    private static final String LZ4_OF_100_ZEROS = "01" + "00000064" + "1f00" + "0100" + "4b" + "50" + "0000000000";

    /** Form 1, length 100; the magic, a single segment of 100 bytes, a last block that repeats a zero 100 times. */
    private static final String ZSTD_OF_100_ZEROS = "01" + "00000064" + "28b52ffd" + "20" + "64" + "230300" + "00";

    @Test
    void aHigherLevelMakesItSmaller() {
        byte[] value = new byte[100_000];
        Random random = new Random(1);
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) (random.nextInt(4) * random.nextInt(9));
        }
        int[] sizes = new int[] {1, 22};
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = StoredValue.encode(value, ZSTD, sizes[i]).length;
        }
        assertThat(sizes[1]).isLessThan(sizes[0]);
    }

    @Test
    void theLargestValueOfAStoreByDefaultComesBack() throws CorruptRecordException {
        byte[] value = repetitive(64 << 20);
        for (CompressionType type : new CompressionType[] {LZ4, ZSTD}) {
            byte[] stored = encode(value, type);
            assertThat(stored.length).isLessThan(1 << 20);
            assertThat(Arrays.equals(decode(stored, type), value)).isTrue();
        }
    }

    // ---- damage: bytes that get here have a valid checksum, so they were written wrong, or forged

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void anUnknownFormAndTooFewBytesAreAnErrorThatNamesFileAndOffset(CompressionType type) {
        assertDamaged(new byte[0], type).hasMessageContaining("expected a value of form 0 or 1, found");
        for (int form : new int[] {2, 127, 128, 255}) {
            assertDamaged(new byte[] {(byte) form, 0, 0, 0, 0, 0}, type).hasMessageContaining("found form");
        }
        for (int length = 1; length <= 5; length++) {
            byte[] cut = new byte[length];
            cut[0] = 1;
            assertDamaged(cut, type).hasMessageContaining("in " + length + " bytes");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void noLengthButTheRightOneIsTaken(CompressionType type) {
        byte[] stored = encode(repetitive(1000), type);
        ByteBuffer bytes = ByteBuffer.wrap(stored);
        for (int length : new int[] {0, 1, stored.length, 999, 1001, 1256, 1 << 16, 1 << 30, 1 << 31, -1}) {
            bytes.putInt(1, length);
            // Without the check, one of these would allocate a gigabyte.
            assertDamaged(stored, type);
        }
        bytes.putInt(1, 1 << 30);
        assertDamaged(stored, type)
                .hasMessageContaining("expected a value length that ")
                .hasMessageContaining("1073741824");
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void everyCutIsAnErrorAndEveryFlippedBitGivesTheSameLengthOrAnError(CompressionType type) {
        byte[] value = new byte[600];
        System.arraycopy(random(200), 0, value, 100, 200);
        byte[] stored = encode(value, type);
        assertThat(stored[0]).isEqualTo((byte) 1);
        for (int length = 0; length < stored.length; length++) {
            assertDamaged(Arrays.copyOf(stored, length), type);
        }
        int wrong = 0;
        for (int bit = Byte.SIZE; bit < stored.length * Byte.SIZE; bit++) {
            byte[] damaged = stored.clone();
            damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            try {
                assertThat(decode(damaged, type)).hasSize(600);
                wrong++;
            } catch (CorruptRecordException e) {
                assertThat(e).hasMessageContaining("VLog file f.vlog, record at offset 31: expected ");
            }
        }
        assertThat(wrong)
                .as("which is why the record's checksum is checked before")
                .isPositive();
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void madeUpBytesAreAnErrorOrAValue(CompressionType type) {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] stored = new byte[5 + random.nextInt(60)];
            random.nextBytes(stored);
            ByteBuffer.wrap(stored).put(0, (byte) 1).putInt(1, random.nextInt(1 << random.nextInt(31)));
            try {
                assertThat(decode(stored, type).length).isLessThan(1 << 17);
            } catch (CorruptRecordException e) {
                assertThat(e).hasMessageContaining("f.vlog");
            }
        }
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertDamaged(byte[] stored, CompressionType type) {
        return assertThatThrownBy(() -> decode(stored, type))
                .isInstanceOf(CorruptRecordException.class)
                .hasMessageContaining("VLog file f.vlog, record at offset 31: expected ");
    }
}

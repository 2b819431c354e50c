/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.VLogTail.End;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** File names, options, tails, record lengths. */
class SmallTypesTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 0xFFFF_FFFFL})
    void aFileNameIsTheIdInTwentyDigits(long fileId) {
        assertThat(FileName.of(fileId)).hasSize(25).matches("[0-9]{20}\\.vlog");
        assertThat(FileName.parse(FileName.of(fileId))).isEqualTo(OptionalLong.of(fileId));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7.vlog",
                "00000000000000000007.vlo",
                "00000000000000000007.VLOG",
                "00000000000000000007.vlog.tmp",
                "000000000000000000007.vlog",
                "0000000000000000000a.vlog",
                "-0000000000000000007.vlog",
                "0000000000000000000\u0667.vlog",
                "00000000000000000000.vlog",
                "00000000004294967296.vlog",
                "99999999999999999999.vlog"
            })
    void aNameOfAnyOtherShapeIsNoVlogFile(String name) {
        assertThat(FileName.parse(name)).isEmpty();
    }

    @Test
    void optionsOutOfRangeAreRefusedWithValueAndRange() {
        assertRefused(42, 0, 1, 0, "maxFileBytes is 42, but must be from 43 to 1099511627776");
        assertRefused((1L << 40) + 1, 0, 1, 0, "maxFileBytes");
        assertRefused(43, -1, 1, 0, "appendBufferBytes is -1, but must be from 0 to 1073741824");
        assertRefused(43, (1 << 30) + 1, 1, 0, "appendBufferBytes");
        assertRefused(43, 0, 0, 0, "maxOpenFiles is 0, but must be from 1 to 1048576");
        assertRefused(43, 0, 1, -1, "cacheBytes is -1, but must be from 0 to 1099511627776");
        for (int level : new int[] {0, 23}) {
            assertThatThrownBy(() -> new VLogOptions(43, 0, 1, 0, ChecksumLevel.FULL, CompressionType.ZSTD, level, 16))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("zstdLevel is " + level + ", but must be from 1 to 22");
        }
    }

    private static void assertRefused(long maxFileBytes, int buffer, int openFiles, long cache, String message) {
        assertThatThrownBy(() -> new VLogOptions(maxFileBytes, buffer, openFiles, cache, ChecksumLevel.FULL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void optionsAtTheEndsOfTheirRangesAreTaken() {
        assertThatCode(() -> {
                    new VLogOptions(43, 0, 1, 0, ChecksumLevel.DISABLED);
                    new VLogOptions(1L << 40, 1 << 30, 1 << 20, 1L << 40, ChecksumLevel.FULL);
                })
                .doesNotThrowAnyException();
    }

    @Test
    void aTailThatCannotBeIsRefused() {
        for (long[] tail :
                new long[][] {{0, 31, 0}, {1, 30, 1}, {1, 0, 1}, {2, 31, 1}, {-1, 31, 1}, {1, 31, 1L << 32}}) {
            assertThatThrownBy(() -> new VLogTail(tail[0], tail[1], tail[2]))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void twoEndsInOneFileAreRefused() {
        End end = new End(1, 31);
        for (End[] ends : new End[][] {{end, end, End.NONE}, {end, End.NONE, end}, {End.NONE, end, end}}) {
            assertThatThrownBy(() -> new VLogTail(ends[0], ends[1], ends[2], 1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aTailPrintsItself() {
        assertThat(new VLogTail(3, 100, 5))
                .hasToString("file 3 @100, short-lived none, relocated none, highest file 5");
        assertThat(new VLogTail(End.NONE, new End(4, 31), new End(1, 43), 5))
                .hasToString("none, short-lived file 4 @31, relocated file 1 @43, highest file 5");
    }

    @Test
    void lengthsThatDoNotFitAreRefusedInsteadOfCut() {
        assertThatCode(() -> RecordLayout.checkLengths(Integer.MAX_VALUE - 64, Integer.MAX_VALUE - 64))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> RecordLayout.checkLengths(0, Integer.MAX_VALUE - 63))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2147483584");
        assertThatThrownBy(() -> RecordLayout.checkLengths(Integer.MAX_VALUE, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSizeOfALargeRecordDoesNotOverflow() {
        int longest = RecordLayout.MAX_PART_BYTES;
        assertThat(RecordLayout.recordBytes(longest, longest)).isEqualTo(12 + 2L * longest);
        assertThat(RecordLayout.crcOffset(longest, longest)).isEqualTo(8 + 2L * longest);
    }

    @Test
    void aRecordDamagedBeyondRecognitionShowsKeysAsHexAndCut() {
        byte[] key = new byte[1000];
        key[0] = '%';
        assertThat(CorruptRecordException.ofKeys("f", 31, key, new byte[] {1, 2}))
                .message()
                .contains("VLog file f, record at offset 31")
                .contains("0x25000000")
                .contains("(1000 bytes)")
                .contains("found 0x0102")
                .doesNotContain("%")
                .hasSizeLessThan(400);
    }
}

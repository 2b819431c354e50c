/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vlogstreams.internal.vlog.VLogDamagedException.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FileHeaderTest {

    private static final FileHeader HEADER = new FileHeader(7, 1_700_000_000_000L, 1 << 28, CompressionType.NONE);

    private static final FileHeader LZ4_HEADER = new FileHeader(7, 1_700_000_000_000L, 1 << 28, CompressionType.LZ4);

    @Test
    void everyFieldCanBeAtItsExtremes() throws IOException {
        for (CompressionType type : CompressionType.values()) {
            for (FileHeader header : new FileHeader[] {
                new FileHeader(1, 0, 0, type), new FileHeader(0xFFFF_FFFFL, Long.MAX_VALUE, Long.MAX_VALUE, type)
            }) {
                assertThat(FileHeader.decode(header.encode(), header.fileId(), "f"))
                        .isEqualTo(header);
            }
        }
    }

    @Test
    void anyOtherSizeIsAClearError() {
        for (int size = 0; size < 100; size++) {
            if (size != FileHeader.BYTES) {
                assertFails(Arrays.copyOf(HEADER.encode(), size), Kind.WRONG_HEADER_SIZE)
                        .hasMessageContaining("expected header size 31, found " + size);
            }
        }
    }

    @Test
    void anotherMagicIsAClearError() {
        assertFails(with(3, 0x48), Kind.WRONG_MAGIC)
                .hasMessageContaining("offset 0: expected magic 0x564c4f47, found 0x564c4f48");
    }

    @Test
    void anUnknownVersionIsAClearError() {
        assertFails(with(5, 3), Kind.UNKNOWN_VERSION).hasMessageContaining("expected format version 1 or 2, found 3");
        assertFails(with(5, 0), Kind.UNKNOWN_VERSION).hasMessageContaining("found 0");
        assertFails(with(4, 255), Kind.UNKNOWN_VERSION).hasMessageContaining("found 65281");
    }

    @Test
    void anotherFileIdThanTheNamesIsAClearError() {
        assertFails(with(9, 8), Kind.WRONG_FILE_ID).hasMessageContaining("offset 6: expected file id 7, found 8");
    }

    @Test
    void snappyAndUnknownCompressionsAreAClearError() {
        for (int compression : new int[] {1, 4, 255}) {
            assertFails(with(26, compression), Kind.UNKNOWN_COMPRESSION)
                    .hasMessageContaining("offset 26: expected compression 0, found " + compression);
            byte[] compressed = LZ4_HEADER.encode();
            compressed[26] = (byte) compression;
            assertFails(compressed, Kind.UNKNOWN_COMPRESSION)
                    .hasMessageContaining("offset 26: expected compression 2 or 3, found " + compression);
        }
    }

    @Test
    void aFileWithoutCompressionIsNotTakenForOneWithItNorTheOtherWay() {
        assertFails(with(26, 2), Kind.UNKNOWN_COMPRESSION);
        assertFails(with(26, 3), Kind.UNKNOWN_COMPRESSION);
        byte[] compressed = LZ4_HEADER.encode();
        compressed[26] = 0;
        assertFails(compressed, Kind.UNKNOWN_COMPRESSION);
        compressed[26] = 3;
        assertFails(compressed, Kind.WRONG_HEADER_CHECKSUM)
                .hasMessageContaining("offset 27: expected header checksum 0x");
        compressed = LZ4_HEADER.encode();
        compressed[5] = 1;
        assertFails(compressed, Kind.UNKNOWN_COMPRESSION);
    }

    @Test
    void theHeaderOfACompressedFileIsVersion2WithAChecksum() {
        assertThat(LZ4_HEADER.encode())
                .isEqualTo(HexFormat.of().parseHex("564c4f470002000000070000018bcfe568000000000010000000029bb7b2f0"));
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void withCompressionAHeaderWhoseEndIsZerosIsAClearError(CompressionType type) {
        byte[] header = new FileHeader(7, 1_700_000_000_000L, 1 << 28, type).encode();
        for (int length = 0; length < header.length; length++) {
            byte[] torn = Arrays.copyOf(Arrays.copyOf(header, length), header.length);
            assertThatThrownBy(() -> FileHeader.decode(torn, 7, "/x/7.vlog"))
                    .as("%s bytes", length)
                    .isInstanceOf(VLogDamagedException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"LZ4", "ZSTD"})
    void withCompressionEveryFlippedBitIsAClearError(CompressionType type) {
        byte[] header = new FileHeader(7, 1_700_000_000_000L, 1 << 28, type).encode();
        for (int bit = 0; bit < header.length * Byte.SIZE; bit++) {
            byte[] damaged = header.clone();
            damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThatThrownBy(() -> FileHeader.decode(damaged, 7, "/x/7.vlog"))
                    .as("bit %s", bit)
                    .isInstanceOf(VLogDamagedException.class)
                    .hasMessageContaining("VLog file /x/7.vlog, offset ");
        }
    }

    @Test
    void reservedBytesInUseAreAClearError() {
        for (int offset = 27; offset < 31; offset++) {
            assertFails(with(offset, 1), Kind.RESERVED_BYTES_IN_USE);
        }
    }

    private static byte[] with(int offset, int value) {
        byte[] bytes = HEADER.encode();
        bytes[offset] = (byte) value;
        return bytes;
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertFails(byte[] header, Kind kind) {
        return assertThatThrownBy(() -> FileHeader.decode(header, 7, "/x/7.vlog"))
                .isInstanceOfSatisfying(
                        VLogDamagedException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining("VLog file /x/7.vlog");
    }
}

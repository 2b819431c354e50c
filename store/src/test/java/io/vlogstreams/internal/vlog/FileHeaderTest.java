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
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

class FileHeaderTest {

    private static final FileHeader HEADER = new FileHeader(7, 1_700_000_000_000L, 1 << 28);

    @Test
    void everyFieldCanBeAtItsExtremes() throws IOException {
        for (FileHeader header :
                new FileHeader[] {new FileHeader(1, 0, 0), new FileHeader(0xFFFF_FFFFL, Long.MAX_VALUE, Long.MAX_VALUE)
                }) {
            assertThat(FileHeader.decode(header.encode(), header.fileId(), "f")).isEqualTo(header);
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
        assertFails(with(5, 2), Kind.UNKNOWN_VERSION).hasMessageContaining("expected format version 1, found 2");
        assertFails(with(4, 255), Kind.UNKNOWN_VERSION).hasMessageContaining("found 65281");
    }

    @Test
    void anotherFileIdThanTheNamesIsAClearError() {
        assertFails(with(9, 8), Kind.WRONG_FILE_ID).hasMessageContaining("offset 6: expected file id 7, found 8");
    }

    @Test
    void aCompressionIsAClearError() {
        assertFails(with(26, 1), Kind.UNKNOWN_COMPRESSION).hasMessageContaining("expected compression 0, found 1");
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

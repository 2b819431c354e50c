/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The test vectors of the format page, created by an independent writer and read back by SurrealKV. */
class FormatVectorsTest {

    private static final String HEADER = "564c4f470001000000070000018bcfe5680000000000100000000000000000";
    private static final String USER_RECORD = "0000000600000001757365722d31789678e4b8";
    private static final String USER_POINTER = "0100000007000000000000001f00000006000000019678e4b8";
    private static final String EMPTY_RECORD = "000000000000000000000000";
    private static final String EMPTY_POINTER = "0100000007000000000000001f000000000000000000000000";
    private static final String BYTES_RECORD = "00000001000000106b000102030405060708090a0b0c0d0e0f2df51b74";
    private static final String BYTES_POINTER = "0100000007000000000000001f00000001000000102df51b74";

    private static final VLogOptions OPTIONS = TestLog.options(268_435_456, 4096);
    private static final String FILE_7 = "00000000000000000007.vlog";

    private static final byte[] USER_KEY = "user-1".getBytes(US_ASCII);
    private static final byte[] USER_VALUE = "x".getBytes(US_ASCII);
    private static final byte[] BYTES_KEY = "k".getBytes(US_ASCII);
    private static final byte[] BYTES_VALUE = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");

    @Test
    void theHeaderIsAsInTheFormat() throws IOException {
        FileHeader header = new FileHeader(7, 1_700_000_000_000L, 268_435_456, CompressionType.NONE);
        assertThat(header.encode()).isEqualTo(bytes(HEADER));
        assertThat(FileHeader.decode(bytes(HEADER), 7, "f")).isEqualTo(header);
    }

    @Test
    void aFileWrittenByUsIsAsInTheFormat() throws IOException {
        assertThat(fileWith(USER_KEY, USER_VALUE)).isEqualTo(bytes(HEADER + USER_RECORD));
        assertThat(fileWith(new byte[0], new byte[0])).isEqualTo(bytes(HEADER + EMPTY_RECORD));
        assertThat(fileWith(BYTES_KEY, BYTES_VALUE)).isEqualTo(bytes(HEADER + BYTES_RECORD));
    }

    @Test
    void aRecordWrittenStraightIsAsInTheFormat() throws IOException {
        FaultyStorage storage = new FaultyStorage();
        try (VLog log = TestLog.open(storage, TestLog.options(268_435_456, 0), new VLogTail(0, 0, 6))) {
            log.append(BYTES_KEY, BYTES_VALUE);
        }
        assertThat(storage.bytes(FILE_7)).isEqualTo(bytes(HEADER + BYTES_RECORD));
    }

    @Test
    void aFileWrittenByTheOtherSideIsRead() throws IOException {
        assertThat(readFirst(USER_RECORD, USER_POINTER, USER_KEY)).isEqualTo(USER_VALUE);
        assertThat(readFirst(EMPTY_RECORD, EMPTY_POINTER, new byte[0])).isEmpty();
        assertThat(readFirst(BYTES_RECORD, BYTES_POINTER, BYTES_KEY)).isEqualTo(BYTES_VALUE);
    }

    @Test
    void thePointersAreAsInTheFormat() throws IOException {
        assertThat(pointerTo(USER_KEY, USER_VALUE).encode()).isEqualTo(bytes(USER_POINTER));
        assertThat(pointerTo(new byte[0], new byte[0]).encode()).isEqualTo(bytes(EMPTY_POINTER));
        assertThat(pointerTo(BYTES_KEY, BYTES_VALUE).encode()).isEqualTo(bytes(BYTES_POINTER));
    }

    @Test
    void theLocationIsAsInTheFormat() {
        ValueLocation location = new Separated(0, ValuePointer.decode(bytes(BYTES_POINTER)));
        assertThat(location.encode()).isEqualTo(bytes("0101" + BYTES_POINTER));
        assertThat(ValueLocation.decode(bytes("0101" + BYTES_POINTER))).isEqualTo(location);
    }

    private static byte[] fileWith(byte[] key, byte[] value) throws IOException {
        FaultyStorage storage = new FaultyStorage();
        try (VLog log = TestLog.open(storage, OPTIONS, new VLogTail(0, 0, 6))) {
            log.append(key, value);
        }
        return storage.bytes(FILE_7);
    }

    private static ValuePointer pointerTo(byte[] key, byte[] value) throws IOException {
        try (VLog log = TestLog.open(new FaultyStorage(), OPTIONS, new VLogTail(0, 0, 6))) {
            return log.append(key, value);
        }
    }

    private static byte[] readFirst(String record, String pointer, byte[] key) throws IOException {
        FaultyStorage storage = new FaultyStorage();
        storage.put(FILE_7, bytes(HEADER + record));
        try (VLog log = TestLog.open(storage)) {
            byte[] value = log.read(ValuePointer.decode(bytes(pointer)), key);
            return Arrays.copyOf(value, value.length);
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}

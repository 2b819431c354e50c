/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A self-describing value: the key, a version, the size, bytes that derive from these, and a checksum over all. Two
 * valid values with the same key, version and size have the same bytes.
 */
record Payload(String key, int version, int size) {

    /** Large enough for everything except the filling, with the keys of the tests. */
    static final int SIZE_MIN = 100;

    static final int SIZE_MAX = 1 << 20;

    private static final int CHECKSUM_BYTES = Integer.BYTES;

    /** Creates a payload whose size depends on key and version: from 100 B to 1 MiB, half of them below 5 KiB. */
    static Payload of(String key, int version) {
        double exponent = new Random(seed(key, version)).nextDouble();
        int size = (int) (SIZE_MIN * Math.pow((double) SIZE_MAX / SIZE_MIN, Math.pow(exponent, 1.25)));
        return new Payload(key, version, size);
    }

    byte[] encode() {
        byte[] name = key.getBytes(UTF_8);
        byte[] value = new byte[size];
        ByteBuffer buffer = ByteBuffer.wrap(value);
        buffer.putInt(name.length).put(name).putInt(version);
        byte[] filling = new byte[buffer.remaining() - CHECKSUM_BYTES];
        new Random(seed(key, version)).nextBytes(filling);
        buffer.put(filling).putInt(checksum(value));
        return value;
    }

    /** Decodes a value; fails if it is malformed or has a wrong byte. */
    static Payload decode(byte[] value) {
        assertThat(value).hasSizeGreaterThanOrEqualTo(SIZE_MIN);
        ByteBuffer buffer = ByteBuffer.wrap(value);
        assertThat(buffer.getInt(value.length - CHECKSUM_BYTES))
                .as("checksum of a value of %d bytes", value.length)
                .isEqualTo(checksum(value));
        byte[] name = new byte[buffer.getInt()];
        buffer.get(name);
        return new Payload(new String(name, UTF_8), buffer.getInt(), value.length);
    }

    /** Decodes a value; fails also if it belongs to another key. */
    static Payload decode(String key, byte[] value) {
        Payload payload = decode(value);
        assertThat(payload.key()).isEqualTo(key);
        return payload;
    }

    static Map<String, Payload> decodeAll(Map<String, byte[]> values) {
        Map<String, Payload> payloads = new TreeMap<>();
        values.forEach((key, value) -> payloads.put(key, decode(key, value)));
        return payloads;
    }

    private static int checksum(byte[] value) {
        CRC32C checksum = new CRC32C();
        checksum.update(value, 0, value.length - CHECKSUM_BYTES);
        return (int) checksum.getValue();
    }

    private static long seed(String key, int version) {
        return key.hashCode() * 31L + version;
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.streams;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.streams.query.Position;

/**
 * The encoding of a position in a commit point, big-endian. The empty position has no bytes.
 * <pre>
 * size   field
 *    1   version, 1
 *    4   number of components, then for each:
 *   2+n  topic, modified UTF-8 with its length
 *    4   partition
 *    8   offset
 * </pre>
 * Kafka's own encoding of positions is internal and may change. Thread-safe.
 */
final class PositionCodec {

    private static final int VERSION = 1;

    private PositionCodec() {}

    static byte[] encode(Position position) {
        if (position.isEmpty()) {
            return new byte[0];
        }
        ByteArrayOutputStream components = new ByteArrayOutputStream();
        int count = 0;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(components);
                DataOutputStream header = new DataOutputStream(bytes)) {
            // Sorted, so that equal positions have equal bytes.
            for (String topic : new TreeSet<>(position.getTopics())) {
                for (Map.Entry<Integer, Long> component :
                        new TreeMap<>(position.getPartitionPositions(topic)).entrySet()) {
                    out.writeUTF(topic);
                    out.writeInt(component.getKey());
                    out.writeLong(component.getValue());
                    count++;
                }
            }
            header.writeByte(VERSION);
            header.writeInt(count);
            components.writeTo(header);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    static Position decode(byte[] encoded) throws IOException {
        Position position = Position.emptyPosition();
        if (encoded.length == 0) {
            return position;
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IOException("position has version " + version + ", expected " + VERSION);
            }
            for (int remaining = in.readInt(); remaining > 0; remaining--) {
                position.withComponent(in.readUTF(), in.readInt(), in.readLong());
            }
        }
        return position;
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The limit of the machine: every value is appended to one file, and read at its position. It is not a real store: its
 * index is in memory, by the number in the key, and it never reclaims the space of old values. For one thread.
 */
final class RawFileStore implements KeyValueStore<Bytes, byte[]> {

    private static final int BUFFER_BYTES = 256 << 10;

    private final String name;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long[] positions = new long[1024];
    private int[] lengths = new int[1024];
    private FileChannel file;
    private long fileBytes;

    RawFileStore(String name) {
        this.name = name;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        Path path = context.stateDir().toPath().resolve(name + ".raw");
        try {
            file = FileChannel.open(
                    path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void put(Bytes key, byte[] value) {
        int number = Input.number(key.get());
        if (number >= positions.length) {
            positions = Arrays.copyOf(positions, Math.max(2 * positions.length, number + 1));
            lengths = Arrays.copyOf(lengths, positions.length);
        }
        if (value.length > buffer.remaining()) {
            writeBuffer();
        }
        positions[number] = fileBytes + buffer.position();
        lengths[number] = value.length;
        if (value.length > buffer.remaining()) {
            write(ByteBuffer.wrap(value));
        } else {
            buffer.put(value);
        }
    }

    @Override
    public byte[] get(Bytes key) {
        int number = Input.number(key.get());
        if (positions[number] + lengths[number] > fileBytes) {
            writeBuffer();
        }
        ByteBuffer value = ByteBuffer.allocate(lengths[number]);
        try {
            while (value.hasRemaining()) {
                if (file.read(value, positions[number] + value.position()) < 0) {
                    throw new IOException("the file ends within a value");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return value.array();
    }

    private void writeBuffer() {
        write(buffer.flip());
        buffer.clear();
    }

    private void write(ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                fileBytes += file.write(bytes, fileBytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void commit(Map<TopicPartition, Long> changelogOffsets) {
        writeBuffer();
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean persistent() {
        return true;
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public byte[] putIfAbsent(Bytes key, byte[] value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] delete(Bytes key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long approximateNumEntries() {
        throw new UnsupportedOperationException();
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;

/**
 * The content of one file of a {@link FaultyStorage}: the readable bytes, the durable bytes, and the changes in
 * between.
 *
 * <p>Not thread-safe: the storage guards it.
 */
final class FaultyNode {

    private Content visible = new Content(new byte[0]);
    private Content durable = new Content(new byte[0]);
    private final List<Change> unsynced = new ArrayList<>();

    /** A change that is not durable yet. {@code kept} bytes of it arrive; for a torn write that is less than all. */
    private interface Change {
        void applyTo(Content content, double part);
    }

    private static final class Content {
        private byte[] bytes;
        private int size;

        Content(byte[] bytes) {
            this.bytes = bytes;
            this.size = bytes.length;
        }

        void write(byte[] source, int count, long position) {
            int end = Math.toIntExact(position + count);
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, Math.min(bytes.length * 2, bytes.length + (64 << 20))));
            }
            if (position > size) {
                Arrays.fill(bytes, size, (int) position, (byte) 0);
            }
            System.arraycopy(source, 0, bytes, (int) position, count);
            size = Math.max(size, end);
        }

        void truncate(long newSize) {
            size = (int) Math.min(size, newSize);
        }

        byte[] copy() {
            return Arrays.copyOf(bytes, size);
        }
    }

    static FaultyNode durable(byte[] bytes) {
        FaultyNode node = new FaultyNode();
        node.visible = new Content(bytes.clone());
        node.durable = new Content(bytes.clone());
        return node;
    }

    long size() {
        return visible.size;
    }

    byte[] bytes() {
        return visible.copy();
    }

    int read(ByteBuffer target, long position) {
        int count = (int) Math.max(0, Math.min(target.remaining(), visible.size - position));
        if (count > 0) {
            target.put(visible.bytes, (int) position, count);
        }
        return count;
    }

    void write(byte[] source, long position) {
        change((content, part) -> content.write(source, (int) (source.length * part), position));
    }

    void truncate(long size) {
        change((content, part) -> {
            if (part == 1) {
                content.truncate(size);
            }
        });
    }

    private void change(Change change) {
        change.applyTo(visible, 1);
        unsynced.add(change);
    }

    void sync() {
        unsynced.forEach(change -> change.applyTo(durable, 1));
        unsynced.clear();
    }

    /** Fails a sync like an operating system that drops unwritten pages: a later sync succeeds without them. */
    void failSync() {
        unsynced.clear();
    }

    /** Returns the file after a power failure: the durable bytes, and none, some, all or parts of the other changes. */
    FaultyNode survivor(Random random) {
        Content left = new Content(durable.copy());
        double keep = random.nextInt(3) / 2.0;
        for (int i = 0; i < unsynced.size(); i++) {
            boolean last = i == unsynced.size() - 1;
            if (random.nextDouble() < keep) {
                unsynced.get(i).applyTo(left, last || random.nextInt(4) == 0 ? random.nextDouble() : 1);
            }
        }
        return durable(left.copy());
    }

    /** Returns the file after a power failure that keeps the chosen changes, and possibly half of the last one. */
    FaultyNode survivor(IntUnaryOperator choices) {
        Content left = new Content(durable.copy());
        for (int i = 0; i < unsynced.size(); i++) {
            boolean last = i == unsynced.size() - 1;
            switch (choices.applyAsInt(last ? 3 : 2)) {
                case 0 -> {}
                case 1 -> unsynced.get(i).applyTo(left, 1);
                default -> unsynced.get(i).applyTo(left, 0.5);
            }
        }
        return durable(left.copy());
    }
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * A compression codec for values. Each implementation is the only class that uses its library.
 *
 * <p>Thread-safe.
 */
sealed interface Codec permits Lz4Codec, ZstdCodec {

    /** Returns the most that {@link #compress} writes for a value of this size, of at most 1 GiB. */
    int maxCompressedBytes(int valueBytes);

    /**
     * Compresses the whole value.
     *
     * @param target has room for {@link #maxCompressedBytes} from {@code targetOffset} on
     * @return the number of bytes written
     */
    int compress(byte[] value, byte[] target, int targetOffset);

    /** Returns whether these bytes can decompress to this size. Called before memory for the value is allocated. */
    boolean canBecome(int valueBytes, byte[] source, int offset, int length);

    /**
     * Decompresses into the array.
     *
     * @return false if the bytes are not an output of {@link #compress}, or the value does not have exactly that length
     */
    boolean decompress(byte[] source, int offset, int length, byte[] value);
}

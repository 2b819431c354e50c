/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * A compression library, as far as values need it. Each implementation is the only class that knows its library.
 *
 * <p>Thread-safe.
 */
sealed interface Codec permits Lz4Codec, ZstdCodec {

    /** The most that {@link #compress} writes for a value of this size, of at most 1 GiB. */
    int maxCompressedBytes(int valueBytes);

    /**
     * Compresses the whole value.
     *
     * @param target has room for {@link #maxCompressedBytes} from {@code targetOffset} on
     * @return how many bytes it takes there
     */
    int compress(byte[] value, byte[] target, int targetOffset);

    /** Whether these bytes can be a value of this size: asked before memory for the value is allocated. */
    boolean canBecome(int valueBytes, byte[] source, int offset, int length);

    /**
     * Decompresses into the array.
     *
     * @return false if the bytes are not what {@link #compress} writes, or not for exactly that many bytes of value
     */
    boolean decompress(byte[] source, int offset, int length, byte[] value);
}

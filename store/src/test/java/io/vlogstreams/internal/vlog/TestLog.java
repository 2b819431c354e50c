/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Random;

/** Opens logs and creates keys and values for the tests of this package. */
final class TestLog {

    /** The moment of the format page's test vectors. */
    static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochMilli(1_700_000_000_000L));

    static final VLogOptions OPTIONS = options(1 << 20, 4096);

    private TestLog() {}

    static VLogOptions options(long maxFileBytes, int appendBufferBytes) {
        return new VLogOptions(maxFileBytes, appendBufferBytes, 8, 0, ChecksumLevel.FULL);
    }

    /** With files that are written over, up to this part of the log. */
    static VLogOptions recycling(long maxFileBytes, int appendBufferBytes, int spareDivisor) {
        return new VLogOptions(
                maxFileBytes, appendBufferBytes, 3, 0, ChecksumLevel.FULL, CompressionType.NONE, 3, spareDivisor);
    }

    /** Opens without a tail: the log ends with the last whole record. */
    static VLog open(Storage storage) throws IOException {
        return open(storage, OPTIONS, null);
    }

    /** Opens a log, with every file named by the index. */
    static VLog open(Storage storage, VLogOptions options, VLogTail tail) throws IOException {
        return VLog.open(storage, options, tail, fileId -> true, CLOCK);
    }

    /** Opens a log, with the files of these pointers named by the index. */
    static VLog open(Storage storage, VLogOptions options, VLogTail tail, Collection<ValuePointer> pointers)
            throws IOException {
        return VLog.open(
                storage,
                options,
                tail,
                fileId -> pointers.stream().anyMatch(pointer -> pointer.fileId() == fileId),
                CLOCK);
    }

    static byte[] key(int number) {
        return ("key-" + number).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    /** Returns pseudo-random bytes that depend on number and length only. */
    static byte[] value(int number, int length) {
        byte[] value = new byte[length];
        new Random(number * 31L + length).nextBytes(value);
        return value;
    }
}

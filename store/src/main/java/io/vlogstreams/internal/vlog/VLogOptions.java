/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/**
 * The options of one {@link VLog}.
 *
 * <p>Immutable.
 *
 * @param maxFileBytes a file grows to this size; only a single larger record makes it larger
 * @param appendBufferBytes the size of the buffer that collects records before they are written; 0 writes each record
 *     immediately. Allocated at the first append
 * @param maxOpenFiles the most files that are kept open while idle; active files and files in use may come on top
 * @param cacheBytes the size of the cache of values; 0 disables it
 * @param checksumLevel how checksums are verified when a value is read
 * @param compression how values are stored in new files; files of all other kinds can be read nevertheless
 * @param zstdLevel the level of {@link CompressionType#ZSTD}
 * @param spareDivisor deleted files that wait to be written over take at most this part of the log; 0 = none wait
 */
public record VLogOptions(
        long maxFileBytes,
        int appendBufferBytes,
        int maxOpenFiles,
        long cacheBytes,
        ChecksumLevel checksumLevel,
        CompressionType compression,
        int zstdLevel,
        int spareDivisor) {

    /** Files that wait to be written over take at most this part of a log. */
    public static final int SPARE_DIVISOR = 16;

    /** The size of a header and the smallest record. */
    public static final long MIN_MAX_FILE_BYTES = FileHeader.BYTES + RecordLayout.OVERHEAD_BYTES;

    public static final long MAX_MAX_FILE_BYTES = 1L << 40;
    public static final int MAX_APPEND_BUFFER_BYTES = 1 << 30;
    public static final int MAX_MAX_OPEN_FILES = 1 << 20;
    public static final long MAX_CACHE_BYTES = 1L << 40;

    public VLogOptions {
        check("maxFileBytes", maxFileBytes, MIN_MAX_FILE_BYTES, MAX_MAX_FILE_BYTES);
        check("appendBufferBytes", appendBufferBytes, 0, MAX_APPEND_BUFFER_BYTES);
        check("maxOpenFiles", maxOpenFiles, 1, MAX_MAX_OPEN_FILES);
        check("cacheBytes", cacheBytes, 0, MAX_CACHE_BYTES);
        check("zstdLevel", zstdLevel, ZstdCodec.MIN_LEVEL, ZstdCodec.MAX_LEVEL);
    }

    /** Creates the options of a log without compression. */
    public VLogOptions(
            long maxFileBytes, int appendBufferBytes, int maxOpenFiles, long cacheBytes, ChecksumLevel checksumLevel) {
        this(
                maxFileBytes,
                appendBufferBytes,
                maxOpenFiles,
                cacheBytes,
                checksumLevel,
                CompressionType.NONE,
                ZstdCodec.DEFAULT_LEVEL,
                SPARE_DIVISOR);
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + ", but must be from " + min + " to " + max);
        }
    }
}

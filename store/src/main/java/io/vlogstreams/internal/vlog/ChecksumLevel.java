/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/** How checksums are verified when a value is read. Writing always computes them. */
public enum ChecksumLevel {
    /**
     * Lengths, key and the stored checksum are compared, but the checksum is not computed, except in files with
     * compression, because a decompressor must not get damaged bytes.
     */
    DISABLED,
    /** The checksum is computed as well, which detects every damaged byte. */
    FULL
}

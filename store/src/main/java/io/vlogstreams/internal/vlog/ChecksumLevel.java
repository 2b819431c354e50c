/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.internal.vlog;

/** How much of a record's checksum is checked when a value is read. Writing always computes it. */
public enum ChecksumLevel {
    /**
     * Lengths, key and the stored checksum are compared, but the checksum is not computed again, except in files with
     * compression: a decompressor is not given damaged bytes.
     */
    DISABLED,
    /** The checksum is computed again too, so that every damaged byte is found. */
    FULL
}

/*
 * Copyright the kafka-streams-vlog authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.vlogstreams.kill;

import java.util.zip.CRC32C;

/** A digest of a value for comparisons: its length, its checksum, and the count of a {@link Tally} for messages. */
record Fingerprint(int bytes, long checksum, long firstLong) {

    static Fingerprint of(byte[] value) {
        CRC32C checksum = new CRC32C();
        checksum.update(value);
        return new Fingerprint(value.length, checksum.getValue(), Tally.number(value));
    }

    /** Returns the digest as one word, for a line of a file. */
    String encode() {
        return bytes + ":" + checksum + ":" + firstLong;
    }

    static Fingerprint decode(String word) {
        String[] parts = word.split(":", -1);
        return new Fingerprint(Integer.parseInt(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }
}
